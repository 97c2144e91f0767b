/**
 * What the status page does better with JavaScript: it filters while one types, tells each day of a bar to pointer and
 * arrow keys, shows local times, and loads itself again each minute while nobody uses it. It works without.
 */
export const STATUS_SCRIPT = `
(()=>{const d=document,all=(s,e=d)=>[...e.querySelectorAll(s)];
for(const t of all("time[datetime]"))t.title=new Date(t.dateTime).toLocaleString()+" local time";
const f=d.querySelector("form.filter");
if(f){const q=f.elements.q,s=f.elements.state,n=d.querySelector("#count");
const run=()=>{const w=q.value.trim().toLowerCase(),v=s.value;let c=0;
for(const r of all(".row")){const ok=r.dataset.find.includes(w)&&(v===""||(v==="problem"?r.dataset.level!=="up":r.dataset.level===v));r.hidden=!ok;if(ok)c++}
for(const g of all("section.group"))g.hidden=!all(".row",g).some(r=>!r.hidden);
n.textContent=c+" of "+all(".row").length+" targets";};
f.addEventListener("input",run);f.addEventListener("submit",e=>{if(f.dataset.whole){e.preventDefault();run()}});}
for(const b of all(".bars[tabindex]")){const v=b.querySelector("svg"),o=b.nextElementSibling,was=o.textContent,a=v.querySelector(".at");let i=89;
const tell=n=>{i=Math.max(0,Math.min(89,n));const r=all("rect[class]",v).find(r=>{const x=+r.getAttribute("x");return x<=i&&i<x+ +r.getAttribute("width")});
if(!r)return;const day=new Date(+b.dataset.from+i*864e5).toISOString().slice(0,10);
o.textContent=day+": "+r.textContent.replace(/^[^:]*: /,"");a.setAttribute("d","M"+i+" 0h1v20h-1z")};
b.addEventListener("pointermove",e=>{const c=v.getBoundingClientRect();tell(Math.floor((e.clientX-c.left)/c.width*90))});
b.addEventListener("keydown",e=>{const k={ArrowLeft:i-1,ArrowRight:i+1,Home:0,End:89}[e.key];if(k!==undefined){e.preventDefault();tell(k)}});
for(const k of["blur","pointerleave"])b.addEventListener(k,()=>{o.textContent=was;a.setAttribute("d","");i=89})}
if(d.body.dataset.refresh)setInterval(()=>{const q=f&&(f.elements.q.value||f.elements.state.value),e=d.activeElement;
if(!d.hidden&&!q&&(!e||e===d.body)&&!d.querySelector("details[open]"))location.reload()},6e4);
})();
`.replaceAll("\n", "");
