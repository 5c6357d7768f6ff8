"""Three example documents and their ground truth: a small page layouter that writes down every box it draws."""
