// The map's moving parts: month, scenario, size, flow, language, filter, card of a place.
// The page's numbers come rounded from Python; nothing is rounded again here.
(() => {
  "use strict";
  const root = document.querySelector("[data-map]");
  if (!root) return;
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const $ = (s) => root.querySelector(s), $$ = (s) => [...root.querySelectorAll(s)];
  const svg = $("svg.km"), slider = $("#month"), play = $("#play"), card = $("#card"), scales = $(".scales");
  const SMALL = 4.2, LARGE = 13, WIDE = 11, THIN = 0.7;
  const state = { t: data.months.length - 1, s: 0, size: 0, flow: 0, place: null, off: new Set() };
  const css = new Map(data.actors.map((a) => [String(a.n), a.css]));
  const rank = new Map(data.actors.map((a, i) => [String(a.n), i]));
  const code = new Map(data.actors.map((a) => [String(a.n), a.code]));
  const at = (row) => (row ? row[state.t] : 0);
  const group = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const shown = (n) => {
    if (n === null || n === undefined) return "–";
    if (n === 0) return "0";
    const size = Math.abs(n), sign = n < 0 ? "−" : "";
    if (size < 0.001) return sign + size.toExponential(1);
    const [whole, rest] = String(size).split(".");
    return sign + group(whole) + (rest ? "." + rest : "");
  };
  const percent = (p) => (p === 0.5 ? "<1\u00a0%" : p === 99.5 ? ">99\u00a0%" : p + "\u00a0%");

  const rim = (p, r) => {
    const a = (p / 100) * 2 * Math.PI;
    return (r * Math.sin(a)).toFixed(1) + " " + (-r * Math.cos(a)).toFixed(1);
  };
  const slices = (odds, r) => {
    let out = `<circle r="${r.toFixed(1)}" class="rim"/>`, turned = 0;
    const q = (r - 0.6).toFixed(1);
    for (const [cls, full] of odds) {
      const share = Math.min(full, 100 - turned);
      if (share <= 0.5) continue;
      if (share >= 99) out += `<circle r="${q}" class="${cls}"/>`;
      else out += `<path d="M0 0L${rim(turned, q)}A${q} ${q} 0 ${share > 50 ? 1 : 0} 1 ` +
        `${rim(turned + share, q)}z" class="${cls}"/>`;
      turned += share;
    }
    return out;
  };
  const radius = (v, most) =>
    v > 0 && most > 0 ? SMALL + (LARGE - SMALL) * Math.sqrt(Math.min(v / most, 1)) : SMALL;

  // what Python drew last is kept, so that only what changes is drawn again
  const discs = $$(".pl:not(.sq)").map((g) => ({ g: g.querySelector("g"), p: g.dataset.p, was: null }));
  const codes = $$(".nm[data-p] .cd").map((e) => ({ e, p: e.parentNode.dataset.p }));
  const flows = $$(".fl").map((g) => ({
    g, k: data.drawn.indexOf(+g.dataset.l), long: +g.dataset.n,
    halo: g.children[0], line: g.children[1], arrow: g.children[2],
    fixed: g.children[2].getAttribute("transform").replace(/scale\(.*\)/, ""),
  }));
  // the holders of a place now, in the order of the legend
  const holders = (p) => {
    const found = [], rows = data.scenarios[state.s].odds[p] || {};
    for (const a in rows) if (a !== "-1" && at(rows[a]) > 0) found.push([a, at(rows[a])]);
    return found.sort((x, y) => rank.get(x[0]) - rank.get(y[0]));
  };
  const nobody = (p) => at((data.scenarios[state.s].odds[p] || {})["-1"]);
  const likeliest = (found, p) => {
    let best = null;
    for (const h of found) if (!best || h[1] > best[1]) best = h;
    return best && best[1] > nobody(p) ? code.get(best[0]) : data.actors.length ? "–" : "";
  };
  const draw = () => {
    const sc = data.scenarios[state.s];
    const sizes = sc.size[state.size] || [], most = data.largest.size[state.size] || 0;
    const now = new Map(), drawn = new Map();
    for (const d of discs) {
      if (!drawn.has(d.p)) {
        const found = holders(d.p);
        now.set(d.p, likeliest(found, d.p));
        const seen = found.filter((h) => !state.off.has(h[0])).map((h) => [css.get(h[0]), h[1]]);
        drawn.set(d.p, slices(seen, radius(at(sizes[d.p]), most)));
      }
      const to = drawn.get(d.p);
      if (to !== d.was) { d.g.innerHTML = to; d.was = to; }
    }
    for (const c of codes) {
      const to = now.get(c.p);
      if (to !== c.was) { c.e.textContent = to; c.was = to; }
    }
    const link = sc.link[state.flow], top = data.largest.link[state.flow] || 0;
    if (link) for (const f of flows) {
      const wide = pixels(at(link[0][f.k]), top), halo = wide ? pixels(at(link[1][f.k]), top) : 0;
      if (f.wide === wide && f.rim === halo) continue;
      f.wide = wide; f.rim = halo;
      if (wide) f.g.removeAttribute("display"); else { f.g.setAttribute("display", "none"); continue; }
      f.line.setAttribute("stroke-width", wide.toFixed(1));
      f.halo.setAttribute("stroke-width", halo.toFixed(1));
      const size = Math.min(Math.max(0.75, Math.min(0.2 * wide + 0.55, 1.6)), f.long / 24);
      f.arrow.setAttribute("transform", f.fixed + `scale(${size.toFixed(2)})`);
    }
    tell();
    if (state.place !== null) show(state.place);
  };
  const tell = () => {
    $("#month-name").textContent = data.months[state.t];
    slider.setAttribute("aria-valuetext", data.months[state.t]);
    document.dispatchEvent(new CustomEvent("month", { detail: state }));
  };
  const pixels = (v, most) => (v > 0 && most > 0 ? Math.max(THIN, WIDE * Math.min(v / most, 1)) : 0);

  const el = (tag, text, cls) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };
  const interval = (three) => {
    const [mid, low, high] = three.map(at);
    return [shown(mid), `${shown(low)}–${shown(high)}`];
  };
  const table = (caption, rows) => {
    const t = el("table"), body = el("tbody"), head = el("thead"), tr = el("tr");
    t.append(el("caption", caption));
    for (const h of ["", "median", "90 %"]) {
      const th = el(h ? "th" : "td", h);
      if (h) th.scope = "col";
      tr.append(th);
    }
    head.append(tr);
    for (const [name, three] of rows) {
      const r = el("tr"), th = el("th", name);
      th.scope = "row";
      r.append(th, ...interval(three).map((x) => el("td", x)));
      body.append(r);
    }
    t.append(head, body);
    return t;
  };
  const show = (p) => {
    const place = data.places[p], sc = data.scenarios[state.s];
    state.place = p;
    $("#place").value = p;
    for (const g of $$(".pl.on")) g.classList.remove("on");
    for (const g of $$(`.pl[data-p="${p}"]`)) g.classList.add("on");
    const head = el("h3", place.name);
    if (place.ar) { const ar = el("span", place.ar, "arabic"); ar.lang = "ar"; ar.dir = "rtl"; head.append(" ", ar); }
    const about = [place.kind, place.country, place.people && place.people + " people"].filter(Boolean);
    card.replaceChildren(head, el("p", about.join(" · "), "soft"),
      el("p", data.months[state.t] + " · " + sc.title, "soft"));
    const found = holders(p).sort((a, b) => b[1] - a[1]);
    if (found.length) {
      const list = el("ul", undefined, "odds"), rest = nobody(p);
      for (const [a, share] of found) list.append(odd(data.actorNames[a], css.get(a), share));
      if (rest > 0) list.append(odd("nobody", "nob", rest));
      card.append(el("h4", "Odds of control"), list);
    }
    const pairs = sc.pairs[p];
    if (pairs) {
      const rows = Object.keys(pairs).filter((a) => pairs[a].some(at)).map((a) => [data.actorNames[a], pairs[a].map((r) => r || null)]);
      if (rows.length) card.append(table(data.pairs, rows));
    }
    const rows = data.measures.map((m, k) => [m.title + (m.flow ? " " + data.period : ""), sc.card[k].map((r) => r[p] || null)])
      .filter(([, three]) => three.some((r) => r));
    if (rows.length) card.append(table("All actors", rows));
    if (!found.length && !rows.length) card.append(el("p", "Nothing recorded here.", "soft"));
  };
  const odd = (name, cls, share) => {
    const li = el("li"), bar = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    bar.setAttribute("class", "km odd"); bar.setAttribute("viewBox", "0 0 100 8");
    bar.setAttribute("preserveAspectRatio", "none"); bar.setAttribute("aria-hidden", "true");
    bar.innerHTML = `<rect width="${share}" height="8" class="${cls}"/>`;
    li.append(el("span", name), el("b", percent(share)), bar);
    return li;
  };

  slider.addEventListener("input", () => { state.t = +slider.value; draw(); });
  let timer = null;
  play.addEventListener("click", () => {
    if (timer) { clearInterval(timer); timer = null; }
    else {
      if (state.t === data.months.length - 1) state.t = -1;
      const step = () => {
        state.t += 1; slider.value = state.t; draw();
        if (state.t >= data.months.length - 1) { clearInterval(timer); timer = null; label(); }
      };
      timer = setInterval(step, 700); step();
    }
    label();
  });
  const label = () => { play.textContent = timer ? "Pause" : "Play"; };
  root.addEventListener("change", (event) => {
    const e = event.target;
    if (e.name === "size") scales.dataset.size = state.size = +e.value;
    else if (e.name === "flow") scales.dataset.flow = state.flow = +e.value;
    else if (e.name === "actor") { e.checked ? state.off.delete(e.value) : state.off.add(e.value); name(); }
    else if (e.name === "language") { svg.classList.toggle("arabic", e.value === "ar"); return; }
    else if (e.id === "place") { if (e.value !== "") show(e.value); return; }
    else return;
    draw();
  });
  document.addEventListener("scenario", (event) => { state.s = event.detail; draw(); });
  const all = $("#all");
  const name = () => { if (all) all.textContent = state.off.size ? "Show all" : "Hide all"; };
  if (all) all.addEventListener("click", () => {
    const off = state.off.size === 0;
    for (const box of $$('input[name="actor"]')) { box.checked = !off; off ? state.off.add(box.value) : state.off.delete(box.value); }
    name();
    draw();
  });
  svg.addEventListener("click", (event) => {
    const g = event.target.closest("[data-p]");
    if (g) show(g.dataset.p);
  });
  root.classList.add("live");
  tell(); // Python drew the last month of the first scenario: there is nothing to draw yet
})();
