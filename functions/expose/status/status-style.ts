/** The style sheet of the status pages. Every state has a colour, a sign and a word. */
export const STATUS_STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--card:#f6f8fa;--link:#0550ae;
--up:#1a7f37;--bar:#2da44e;--planned:#0550ae;--unknown:#57606a;--minor:#d4a72c;--warn:#8a5a00;--down:#c1121f}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9da7b3;--line:#30363d;--card:#161b22;--link:#79b8ff;
--up:#4ac26b;--bar:#2ea043;--planned:#79b8ff;--unknown:#9198a1;--minor:#d29922;--warn:#e3b341;--down:#ff7b72}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.25rem}h1{font-size:1.3rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3,.card h2{font-size:1rem;margin:0}
a{color:var(--link)}p{margin:.4rem 0}time{white-space:nowrap}
.dim,footer{color:var(--dim);font-size:.875rem}footer{margin:2.5rem auto 2rem}
.overall{display:flex;gap:.75rem;align-items:center;border:1px solid;border-left-width:.6rem;border-radius:6px;padding:.8rem 1rem;margin:1rem 0;background:var(--card);font-size:1.35rem;font-weight:600;line-height:1.25}
.overall span,.row h3,.state{color:inherit}
.up{color:var(--up)}.maintenance{color:var(--planned)}.unknown{color:var(--unknown)}.degraded,.regional{color:var(--warn)}.down{color:var(--down)}
.note,.card{border:1px solid var(--line);border-radius:6px;background:var(--card);padding:.6rem 1rem;margin:.6rem 0}
.note{border-left:.4rem solid var(--minor)}.card.now{border-left:.4rem solid var(--planned)}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:1.5rem 0 .5rem}
label{display:block;font-size:.875rem;color:var(--dim)}
input,select,button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--unknown);border-radius:6px;padding:.35rem .6rem;min-height:2.4rem;max-width:100%}
button{background:var(--card);cursor:pointer}
.rows{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:6px}
.row{display:grid;grid-template-columns:minmax(9rem,14rem) minmax(8rem,11rem) minmax(0,1fr) 5.5rem 8.5rem;gap:.2rem 1rem;align-items:center;padding:.5rem .8rem}
.row+.row{border-top:1px solid var(--line)}.row[hidden],section[hidden]{display:none}
.state{font-size:.875rem;font-weight:600}.num{text-align:right;font-variant-numeric:tabular-nums;font-size:.875rem}
.bars{display:block;border-radius:3px}.bars svg{display:block;width:100%;height:1.6rem}
.days{display:none;grid-column:1/-1;font-size:.875rem;color:var(--dim)}.bars:hover+.days,.bars:focus+.days,.bars:focus-within+.days{display:block}
.b-up{fill:var(--bar)}.b-minor{fill:var(--minor)}.b-major{fill:var(--down)}.b-planned{fill:var(--planned)}.b-none{fill:var(--line)}
.gaps{stroke:var(--bg);stroke-width:1;fill:none;pointer-events:none}.at{fill:none;stroke:var(--fg);stroke-width:2;pointer-events:none}
.spark{display:flex;align-items:center;gap:.5rem;font-size:.875rem;font-variant-numeric:tabular-nums;justify-content:end}
.spark svg{width:4.5rem;height:1.6rem;flex:none}.line{fill:none;stroke:var(--link);stroke-width:1.5}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.5rem 0;padding:0;list-style:none}.key svg{width:.8rem;height:.8rem;margin-right:.35rem}
details{margin:.6rem 0;border:1px solid var(--line);border-radius:6px;padding:.5rem 1rem}summary{cursor:pointer}
.tl{margin:.5rem 0 0;padding:0 0 0 1.1rem}
a:focus-visible,[tabindex]:focus-visible,summary:focus-visible,input:focus-visible,select:focus-visible,button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:52rem){.row{grid-template-columns:minmax(9rem,1fr) minmax(0,auto)}.row .bars{grid-column:1/-1}.row .state{text-align:right}.row .num{text-align:left}.overall{font-size:1.15rem}}
`.replaceAll("\n", "");
