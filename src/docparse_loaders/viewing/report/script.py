"""What the report does: a chunk shows its boxes and a box its chunk; a click holds them; words are found, kinds hidden."""

SCRIPT = """
'use strict';
const all = (css, at = document) => [...at.querySelectorAll(css)];
const one = id => document.getElementById(id);
const root = document.documentElement;
const chunks = all('.chunk');
const rects = new Map();
for (const rect of all('rect[data-c]'))
  for (const n of rect.dataset.c.split(' ')) rects.has(n) ? rects.get(n).push(rect) : rects.set(n, [rect]);
const name = chunk => chunk.id.slice(1);
const boxes = chunk => rects.get(name(chunk)) || [];
let pinned = null;

const lit = list => {
  for (const was of all('.lit')) was.classList.remove('lit');
  for (const was of all('.boxes.some')) was.classList.remove('some');
  for (const chunk of list) {
    chunk.classList.add('lit');
    for (const rect of boxes(chunk)) { rect.classList.add('lit'); rect.parentNode.classList.add('some'); }
  }
};
const rest = () => lit(pinned ? [pinned] : []);
const seen = element => {
  const place = element.getBoundingClientRect();
  return place.top < innerHeight - 60 && place.bottom > 120;
};
const pin = (chunk, toward) => {
  if (pinned) pinned.classList.remove('pin');
  pinned = chunk === pinned && !toward ? null : chunk;
  rest();
  if (!pinned) return;
  pinned.classList.add('pin');
  const target = toward === 'chunk' ? pinned : boxes(pinned)[0];
  if (target && !seen(target)) target.scrollIntoView({block: toward === 'chunk' ? 'nearest' : 'center'});
};
const chunksOf = rect => rect.dataset.c.split(' ').map(n => one('c' + n)).filter(Boolean);

document.addEventListener('mouseover', event => {
  const rect = event.target.closest('rect[data-c]'), chunk = event.target.closest('.chunk');
  if (rect) lit(chunksOf(rect)); else if (chunk) lit([chunk]); else rest();
});
document.addEventListener('focusin', event => {
  const chunk = event.target.closest('.chunk');
  if (chunk && !pinned) lit([chunk]);
});
document.addEventListener('click', event => {
  if (event.target.closest('a, label, input, summary')) return;
  const rect = event.target.closest('rect[data-c]'), chunk = event.target.closest('.chunk');
  if (rect) {
    const list = chunksOf(rect), next = list[(list.indexOf(pinned) + 1) % list.length];
    pin(next, 'chunk');
  } else if (chunk && !String(getSelection())) pin(chunk);
  else if (!chunk && pinned) pin(pinned);
});

const shown = () => chunks.filter(chunk => !chunk.classList.contains('miss'));
const step = by => {
  const list = shown(), at = list.indexOf(document.activeElement.closest('.chunk') || pinned);
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)];
  if (!next) return;
  next.focus({preventScroll: true});
  next.scrollIntoView({block: 'nearest'});
  pin(next, 'chunk');
};
document.addEventListener('keydown', event => {
  const typing = event.target.matches('input');
  if (event.key === 'Escape') {
    if (typing) event.target.blur();
    if (pinned) pin(pinned);
  } else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === '/') { event.preventDefault(); one('find').focus(); }
  else if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if ((event.key === 'Enter' || event.key === ' ') && event.target.matches('.chunk')) {
    event.preventDefault(); pin(event.target);
  }
});

const fold = text => text.normalize('NFKC').toLowerCase().replace(/\\s+/g, ' ');
let texts = null;
const find = () => {
  const wanted = fold(one('find').value.trim());
  texts = texts || chunks.map(chunk => fold(chunk.textContent));
  let count = 0;
  chunks.forEach((chunk, at) => {
    const miss = wanted !== '' && !texts[at].includes(wanted);
    chunk.classList.toggle('miss', miss);
    for (const rect of boxes(chunk)) rect.classList.toggle('hit', wanted !== '' && !miss);
    count += !miss;
  });
  one('count').textContent = wanted ? count + ' of ' + chunks.length : '';
};
one('find').addEventListener('input', find);
one('find').addEventListener('keydown', event => {
  if (event.key !== 'Enter') return;
  const list = shown(), at = list.indexOf(pinned);
  const next = list[(at + (event.shiftKey ? list.length - 1 : 1)) % list.length];
  if (next) { next.scrollIntoView({block: 'center'}); pin(next, 'chunk'); }
});

one('kinds').addEventListener('change', event => {
  root.classList.toggle('hide-' + event.target.value, !event.target.checked);
  const off = new Set(all('#kinds input:not(:checked)').map(input => input.value));
  for (const chunk of chunks) chunk.classList.toggle('off', chunk.dataset.k.split(' ').every(kind => off.has(kind)));
});

const go = one('go'), pages = all('.page[id]');
const links = all('nav a');
const here = page => {
  const number = page.id.slice(1);
  if (document.activeElement !== go) go.value = number;
  for (const link of links) link.classList.remove('here');
  const on = links.filter(link => link.hash === page.id.replace('p', '#p'))[0];
  const link = on || links.filter(link => Number(link.hash.slice(2)) < Number(number)).pop();
  if (!link) return;
  link.classList.add('here');
  const nav = link.closest('nav'), at = link.getBoundingClientRect().top - nav.getBoundingClientRect().top;
  if (at < 0 || at > nav.clientHeight - 60) nav.scrollTop += at - nav.clientHeight / 2;
};
go.addEventListener('change', () => { const page = one('p' + go.value); if (page) page.scrollIntoView(); });
const line = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) here(entry.target);
}, {rootMargin: '-30% 0px -65% 0px'});
for (const page of pages) line.observe(page);

const told = one('told');
if (told) one('notices').append(told);
const bar = document.querySelector('.bar');
const sized = () => {
  const high = bar.getBoundingClientRect().height;
  root.style.setProperty('--bar', high + 'px');
};
addEventListener('resize', sized);
sized();
const long = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) {
    const body = entry.target;
    body.classList.toggle('long', body.scrollHeight > body.clientHeight + 4);
    long.unobserve(body);
  }
}, {rootMargin: '600px'});
for (const body of all('.body')) long.observe(body);
if (innerWidth < 1180) for (const outline of all('nav details')) outline.open = false;
"""
