// What the pages do by themselves; all of them work without it, by their links.
(() => {
  "use strict";
  if (document.querySelector("[data-wait]")) {
    const again = setTimeout(() => location.reload(), 1500);
    // who has gone on to another page, or is typing, must not be brought back here
    for (const sign of ["click", "submit", "keydown"]) addEventListener(sign, () => clearTimeout(again));
  }

  const live = document.querySelector("[data-events]");
  if (live) {
    const log = document.querySelector("#log");
    const source = new EventSource(live.dataset.events);
    source.addEventListener("progress", (event) => {
      const said = JSON.parse(event.data);
      live.innerHTML = said.live;
      if (log && said.log) log.textContent = said.log;
      if (said.word !== live.dataset.word) {
        source.close();
        location.reload();
      }
    });
  }

  const form = document.querySelector("#run-form[data-rate]");
  if (form) {
    const { rate, startup } = form.dataset, output = form.querySelector("#estimate");
    const words = (s) => s < 90 ? `${Math.max(Math.round(s), 1)} s`
      : s < 5400 ? `${Math.round(s / 60)} min`
      : `${Math.floor(s / 3600)} h ${Math.round(s / 60) % 60} min`;
    const tell = () => {
      const members = +form.elements.members.value.replace(/[ ,]/g, "");
      const boxes = form.querySelectorAll('input[name="scenario"]');
      const count = [...boxes].filter((b) => b.checked).length || (boxes.length ? 0 : 1);
      output.textContent = members > 0 && count
        ? `About ${words(+startup * count + members * count / rate)}, as fast as the latest run.`
        : "";
    };
    form.addEventListener("input", tell);
    tell();
  }

  // a source that is linked to lies in a list that may be closed
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = target && target.closest("details:not([open])");
    if (closed) { closed.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => {
    // of a model all of it would be a hundred pages: there what the reader has opened is printed
    for (const d of document.querySelectorAll("details:not(.long)")) { d.dataset.was = d.open; d.open = true; }
  });
  addEventListener("afterprint", () => {
    for (const d of document.querySelectorAll("details:not(.long)")) d.open = d.dataset.was === "true";
  });
})();
