// The page's own few lines: scenario, month cursor of the charts, the main tables open for print.
(() => {
  "use strict";
  const charts = document.querySelector(".ribbons");
  const pick = (n) => {
    if (charts) charts.dataset.scenario = n;
    document.dispatchEvent(new CustomEvent("scenario", { detail: n }));
  };
  for (const radio of document.querySelectorAll('input[name="scenario"]'))
    radio.addEventListener("change", () => pick(+radio.value));
  // a cursor in each ribbon: the plot is x pixels wide, months lie at shares of it
  const cursors = [...document.querySelectorAll(".ribbons svg")].map((svg) => {
    const plot = svg.querySelector(".mark-group.role-frame.root > g > g");
    const back = svg.querySelector(".mark-group.role-frame.root > g > .background");
    const [, wide, tall] = /M0,0h([\d.]+)v([\d.]+)/.exec(back.getAttribute("d"));
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    line.setAttribute("class", "cursor");
    line.setAttribute("y2", tall);
    plot.append(line);
    return { line, wide: +wide };
  });
  const shares = charts ? JSON.parse(charts.dataset.months) : [];
  document.addEventListener("month", (event) => {
    const share = shares[event.detail.t];
    for (const c of cursors) c.line.setAttribute("transform", `translate(${(share * c.wide).toFixed(1)},0)`);
  });
  // what lies below the screen is laid out bit by bit once the page can be used
  const later = [...document.querySelectorAll(".ribbons figure, main > section")];
  const soon = window.requestIdleCallback || ((work) => setTimeout(work, 50));
  const lay = () => {
    for (const e of later.splice(0, 6)) e.classList.add("laid");
    if (later.length) soon(lay);
  };
  addEventListener("load", () => soon(lay));
  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("details.print")) { d.dataset.was = d.open; d.open = true; }
  });
  addEventListener("afterprint", () => {
    for (const d of document.querySelectorAll("details.print")) d.open = d.dataset.was === "true";
  });
})();
