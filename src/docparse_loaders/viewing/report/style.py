"""How the report looks: one column on a telephone, two on a screen, three where there is room; light, dark and on paper."""

STYLE = """
:root{--bg:#f4f5f7;--card:#fff;--ink:#1d2126;--soft:#5b6470;--line:#d9dde3;--lit:#fff7d6;--accent:#1864ab;--bar:5.6rem;
color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--bg:#16181c;--card:#212429;--ink:#e6e8eb;--soft:#a2abb6;--line:#363b42;
--lit:#3a3520;--accent:#74b3f0}.sheet img,.sheet .blank{filter:brightness(.88)}}
*{box-sizing:border-box}html{scroll-padding-top:var(--bar);scroll-behavior:smooth}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;z-index:9;background:var(--card);padding:.3rem .6rem}
.bar{position:sticky;top:0;z-index:5;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;align-items:center;
padding:.5rem max(1.2rem,calc((100% - 110rem)/2 + 1.2rem));
background:var(--card);border-bottom:1px solid var(--line)}
.name{flex:1 1 16rem;min-width:0}.bar h1{font-size:1.05rem;line-height:1.3;margin:0;overflow-wrap:anywhere}
.bar p{margin:0;font-size:.8rem;color:var(--soft)}
.bar label{font-size:.85rem;color:var(--soft);white-space:nowrap}
.bar input:not([type=checkbox]){font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--line);
border-radius:5px;padding:.2rem .45rem}
#find{width:13rem}#go{width:4.6rem}#count{font-size:.8rem;color:var(--soft);min-width:4.5rem}
#kinds{flex:1 0 100%;border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem .9rem}
#kinds legend{position:absolute;left:-99rem}
#kinds label{display:inline-flex;align-items:center;gap:.3rem;font-size:.8rem;cursor:pointer}
#kinds input{position:absolute;opacity:0;width:1px;height:1px}
#kinds i{width:.85rem;height:.85rem;border-radius:3px;border:2px solid var(--k);background:var(--k)}
#kinds input:not(:checked)+i{background:transparent}#kinds label:has(input:not(:checked)){opacity:.6}
#kinds input:focus-visible+i{outline:2px solid var(--accent);outline-offset:2px}
.main{display:grid;grid-template-columns:minmax(0,15.5rem) minmax(0,1fr);max-width:110rem;margin:0 auto}
main{padding:0 1.2rem 4rem;min-width:0}.main>main:first-child{grid-column:1/-1}
nav{position:sticky;top:var(--bar);align-self:start;max-height:calc(100vh - var(--bar));overflow:auto;
padding:1rem 0 2rem 1.2rem;font-size:.85rem;line-height:1.35}
nav summary{font-weight:600;cursor:pointer;margin-bottom:.4rem}nav ol{list-style:none;margin:0;padding:0}
nav a{display:flex;gap:.6rem;padding:.16rem .4rem;border-radius:4px;color:var(--ink)}nav a:hover{background:var(--card)}
nav small{margin-left:auto;color:var(--soft)}nav span{overflow-wrap:anywhere}
.l2 a{padding-left:1.2rem}.l3 a{padding-left:2rem}.l4 a{padding-left:2.8rem}.l5 a,.l6 a{padding-left:3.4rem}
nav a.here{background:var(--card);box-shadow:inset 3px 0 var(--accent)}
#told{margin:1rem 0 0;padding:.5rem .8rem .5rem 1.9rem;background:var(--card);border:1px solid var(--line);
border-left:4px solid #e8590c;border-radius:4px;font-size:.88rem}
.page{display:grid;grid-template-columns:fit-content(54%) minmax(0,1fr);gap:0 1.4rem;padding-top:1.2rem;
content-visibility:auto;contain-intrinsic-size:auto 900px}
.page h2{grid-column:1/-1;margin:0 0 .4rem;font-size:.85rem;font-weight:600}.page h2 a{color:var(--ink)}
.page h2 span{color:var(--soft);font-weight:400}
.sheet{position:sticky;top:calc(var(--bar) + .6rem);align-self:start;line-height:0;background:#fff;
width:fit-content;outline:1px solid var(--line)}
.sheet img,.sheet .blank{max-width:100%;max-height:max(calc(100vh - var(--bar) - 3.8rem),620px);width:auto;height:auto;
display:block;background:#fff}
.boxes{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
rect{fill:var(--k);fill-opacity:.07;stroke:var(--k);stroke-width:1.4px;vector-effect:non-scaling-stroke;
transition:fill-opacity .12s,stroke-opacity .12s}
rect[data-c]{cursor:pointer}rect:not([data-c]){stroke-dasharray:4 3;fill-opacity:.03}
.some rect:not(.lit){stroke-opacity:.22;fill-opacity:.02}
rect.lit{fill-opacity:.24;stroke-width:2.6px}rect.hit:not(.lit){fill:#f59f00;fill-opacity:.3}
.chunks{min-width:0;display:flex;flex-direction:column;gap:.55rem}
.chunk{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem .6rem;cursor:pointer;
scroll-margin-top:calc(var(--bar) + .6rem)}
.chunk:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.chunk.lit{background:var(--lit);border-color:#d9a400}.chunk.pin{box-shadow:0 0 0 2px #d9a400}
.chunk header{display:flex;flex-wrap:wrap;gap:.1rem .7rem;align-items:baseline;font-size:.78rem;color:var(--soft)}
.chunk header b{color:var(--ink)}.chunk i{font-style:normal;border-left:4px solid var(--k);padding-left:.35rem}
.tokens{margin-left:auto}.path{margin:.15rem 0 .1rem;font-size:.8rem;color:var(--soft)}
.body{max-height:16rem;overflow:hidden;position:relative;overflow-wrap:anywhere}
.body.long{-webkit-mask:linear-gradient(#000 13rem,#0003);mask:linear-gradient(#000 13rem,#0003)}
.pin .body,.open .body{max-height:none;-webkit-mask:none;mask:none;overflow-x:auto}
.body{font-size:.875rem}
.body pre{margin:.3rem 0;padding:.4rem .6rem;background:var(--bg);overflow-x:auto;font-size:.8rem}
.body p{margin:.3rem 0;white-space:pre-wrap}
table{border-collapse:collapse;font-size:.8rem;margin:.4rem 0;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{border:1px solid var(--line);padding:.15rem .45rem;text-align:left;vertical-align:top}thead{background:var(--bg)}
caption{text-align:left;font-size:.84rem}
.miss{display:none}.off{opacity:.35}.before{margin:0;font-size:.8rem;color:var(--soft)}
@media(max-width:1180px){.main{grid-template-columns:minmax(0,1fr)}nav{position:static;max-height:none;padding:.8rem 1.2rem 0}}
@media(max-width:760px){html{scroll-padding-top:.5rem}.bar{position:static;padding:.6rem .8rem}main{padding:0 .8rem 3rem}
nav{padding:.8rem .8rem 0}.page{grid-template-columns:minmax(0,1fr);gap:.7rem}.sheet{position:relative;top:0}
.sheet img,.sheet .blank{max-height:none}.bar{gap:.4rem 1rem}.find{flex:1 1 12rem}#find{width:calc(100% - 2.6rem)}
#count{min-width:0}#count:empty{display:none}.chunk{scroll-margin-top:.5rem}}
@media print{.bar,nav,.skip{position:static}.bar label,.bar output,#kinds input{display:none}#kinds label{display:inline-flex}
.page{content-visibility:visible;break-before:page;grid-template-columns:1.2fr 1fr}.sheet{position:relative;top:0}
.main{display:block}.skip{display:none}.body,.body.long{max-height:none;-webkit-mask:none;mask:none}.chunk{break-inside:avoid-page}body{background:#fff}
rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""
