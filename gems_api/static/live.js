"use strict";
// Keeps the live part of a page cheap and honest: a look asks only for what has changed, and the page says how old it is.
// Without this script pages are whole; to see what has changed they are loaded again.
(() => {
  const live = () => document.getElementById("live");
  const line = document.querySelector(".freshness");
  let seen = Date.now();
  let shownSince = Date.now();

  const two = (number) => String(number).padStart(2, "0");
  const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const minute = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;

  // Times as the clock on the wall has them; the server knows of UTC only.
  function localise(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const date = new Date(time.dateTime);
      const text = "clock" in time.dataset ? `${minute(date)}:${two(date.getSeconds())}` : `${day(date)} ${minute(date)}`;
      if (time.textContent !== text) time.textContent = text;
    }
  }

  function say() {
    const clock = line.querySelector("time");
    clock.dateTime = new Date(seen).toISOString();
    const unanswered = (Date.now() - Math.max(seen, shownSince)) / 1000;
    const stale = unanswered > 3 * Number(line.dataset.seconds) + 10;
    const polls = live() !== null && live().hasAttribute("hx-get");
    line.classList.toggle("stale", stale && polls);
    const manner = !polls ? "" : stale ? "GeMS does not answer; what you see may be out of date." : "Changes show by themselves.";
    line.querySelector("[data-manner]").textContent = manner;
    localise(line);
  }

  localise(document);
  for (const zone of document.querySelectorAll("[data-zone]")) zone.textContent = "Times are those of this computer.";
  if (!line || !live() || !window.htmx) return;

  document.addEventListener("visibilitychange", () => {
    shownSince = Date.now();
  });
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (document.hidden) event.preventDefault(); // nobody looks, so nothing is asked
    if (ctx.sourceElement === live()) ctx.request.headers["If-None-Match"] = `"${live().dataset.etag}"`;
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const raw = ctx.response && ctx.response.raw;
    if (!raw) return;
    if (raw.redirected || raw.status === 401) location.reload();
    if (raw.ok || raw.status === 304) seen = Date.now() - 1000 * Number(raw.headers.get("Age") || 0);
  });
  // An error, or a page to sign in at, is not put in the place of what is there.
  document.addEventListener("htmx:before:swap", (event) => {
    const raw = event.detail.ctx.response && event.detail.ctx.response.raw;
    if (raw && (!raw.ok || raw.redirected)) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => {
    localise(document);
    if (!live().hasAttribute("hx-get")) location.reload();
  });
  setInterval(say, 1000);
  say();
})();
