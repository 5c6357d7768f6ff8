"""A loopback server that speaks a vendor's protocol: for tests, demos and users' CI, without a key and without a bill.

It is written from the vendors' documents and not from this library's client, and it refuses what the vendors refuse.

```python
with Emulator("somark", work_seconds=2.0) as emulator:
    docs = DocParseLoader("report.pdf", vendor=SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])).load()
```

Each vendor is one module that offers `build` and `environment`; see `server.Wire`.
"""

from docparse_loaders.emulator.faults import Fault
from docparse_loaders.emulator.journal import Arrival
from docparse_loaders.emulator.server import Emulator, serve
from docparse_loaders.emulator.service import Service

__all__ = ["Arrival", "Emulator", "Fault", "Service", "serve"]
