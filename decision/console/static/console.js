// Keys, ages, and the stream of changes. Everything on a page works without this file, by form.
"use strict";

(() => {
  const GO = { q: "/", l: "/ledger", t: "/training", a: "/audit", p: "/people", h: "/help" };
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- ages and the clock --------------------------------------------------------------------
  // The server's clock counts, not the desk's: the difference is taken once for each page.
  const skew = () => {
    const said = Date.parse($("meta[name=server-time]")?.content ?? "");
    return Number.isNaN(said) ? 0 : said - Date.now();
  };
  const offset = skew();
  const two = (n) => String(n).padStart(2, "0");
  const span = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    const h = Math.floor(s / 3600);
    const m = Math.floor((s % 3600) / 60);
    return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  const tick = () => {
    const now = Date.now() + offset;
    for (const one of all("time[data-age]")) {
      one.textContent = span((now - Date.parse(one.dateTime)) / 1000);
    }
    for (const one of all("time[data-due]")) {
      const left = (Date.parse(one.dateTime) - now) / 1000;
      one.textContent = left >= 0 ? `within ${span(left)}` : `late by ${span(-left)}`;
      one.dataset.late = left < 0 ? "yes" : "no";
    }
    const clock = $("#clock");
    if (clock) {
      const zone = clock.dataset.zone || "UTC";
      clock.textContent = new Intl.DateTimeFormat("en-GB", {
        timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit",
      }).format(new Date(now));
    }
  };
  setInterval(tick, 500);

  // --- changes -------------------------------------------------------------------------------
  // What the operator has typed and the part they stand on survive a refresh: text fields are
  // kept by hx-preserve, the focus by its id, opened details by theirs.
  let waiting = false;
  let sending = 0;
  let missed = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "get") return;
    sending += 1;
    event.detail.xhr.addEventListener("loadend", () => {
      sending -= 1;
      if (missed > 0 && sending === 0) refresh(missed);
      missed = 0;
    });
  });
  const isOld = (seq) => Number($("#main")?.dataset.seq ?? 0) >= seq;
  const refresh = (seq = Infinity) => {
    if (!$("#main[data-live]") || waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      // Two swaps at once would tear apart what is typed: what was sent goes first, and its
      // answer may already show what the refresh was for.
      if (sending > 0) missed = Math.max(missed, seq);
      if (sending > 0 || isOld(seq)) return;
      htmx.ajax("GET", location.pathname + location.search, {
        target: "#main", select: "#main", swap: "outerHTML",
      });
    }, 60);
  };
  let opened = [];
  let focused = "";
  let caret = null;
  let height = 0;
  document.addEventListener("htmx:beforeSwap", (event) => {
    // Refusals are pages too and must be read.
    if ([400, 403, 404, 409, 413, 422, 429].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // A refresh that was asked for before our own answer came shows nothing new.
    const seq = Number(/data-seq="(\d+)"/.exec(event.detail.xhr.responseText)?.[1] ?? 0);
    if (event.detail.requestConfig?.verb === "get" && (sending > 0 || (seq > 0 && isOld(seq)))) {
      if (sending > 0) missed = Math.max(missed, seq || Infinity);
      event.detail.shouldSwap = false;
      return;
    }
    // What was sent is done with; what was refused stays in its fields.
    const form = event.detail.requestConfig?.elt?.closest?.("form");
    if (form && event.detail.xhr.status === 200) form.reset();
    opened = all("details[id][open]").map((one) => one.id);
    const at = document.activeElement;
    focused = at?.id ?? "";
    height = scrollY;
    caret = typeof at?.selectionStart === "number" ? [at.selectionStart, at.selectionEnd] : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    const there = focused && document.getElementById(focused);
    if (there && document.activeElement !== there) {
      there.focus({ preventScroll: true });
      if (caret && there.setSelectionRange) there.setSelectionRange(caret[0], caret[1]);
    }
    tick();
    scrollTo(0, height);
    announce();
  });
  // A new question takes no digit for a moment: a key pressed twice must not answer two questions.
  const SETTLE_MS = 400;
  let last = "";
  let since = -Infinity;
  let settling = 0;
  // The next question is seen whole; with the head of the page above it where that fits.
  const show = (card) => {
    scrollTo(0, 0);
    const answers = $(".answers", card) ?? card;
    if (answers.getBoundingClientRect().bottom > innerHeight - 40) card.scrollIntoView({ block: "start" });
  };
  const announce = () => {
    const text = $("#question input[name=question]")?.value ?? "";
    if (text !== last) {
      // Enter on the button of the last answer must not answer the next question too.
      const card = $("#question");
      if (last !== "" && card?.contains(document.activeElement)) card.focus({ preventScroll: true });
      since = performance.now();
      document.body.dataset.settled = "no";
      if (text && last !== "") requestAnimationFrame(() => show($("#question") ?? document.body));
      clearTimeout(settling);
      settling = setTimeout(() => { document.body.dataset.settled = "yes"; }, SETTLE_MS + 20);
    }
    if (text && text !== last && last !== "") $("#spoken").textContent = $("#ask")?.textContent.trim() ?? "";
    last = text;
  };
  const live = $("#live");
  const tell = (state, words) => {
    if (!live) return;
    live.dataset.state = state;
    live.textContent = words;
  };
  const listen = () => {
    const main = $("#main[data-live]");
    if (!main || !window.EventSource) return;
    const source = new EventSource("/stream");
    let wasLost = false;
    source.addEventListener("open", () => {
      tell("on", "Live");
      if (wasLost) refresh();
      wasLost = false;
    });
    source.addEventListener("changed", (event) => {
      const main = $("#main");
      const [subject, seq] = event.data.split(" ");
      // What this page did itself it shows already.
      if (main?.dataset.live === "*") refresh();
      else if (main?.dataset.live === subject && !isOld(Number(seq))) refresh(Number(seq));
    });
    source.addEventListener("error", () => {
      wasLost = true;
      tell("lost", "No connection: this page is not up to date");
    });
    addEventListener("pagehide", () => source.close());
  };

  // --- keys ----------------------------------------------------------------------------------
  const isTyping = (target) =>
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type));
  const reach = (element) => {
    if (!element) return false;
    for (let up = element.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
    return true;
  };
  const step = (by) => {
    const rows = all("[data-row]");
    if (rows.length === 0) return false;
    const at = rows.indexOf(document.activeElement);
    return reach(rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))]);
  };
  let isGoing = false;
  const press = (key) => {
    if (isGoing) {
      isGoing = false;
      const path = GO[key];
      if (path && $(`nav a[href="${path}"]`)) {
        location.assign(path);
        return true;
      }
      return false;
    }
    if (key === "g") {
      isGoing = true;
      setTimeout(() => { isGoing = false; }, 1500);
      return true;
    }
    if (key === "?") { location.assign("/help"); return true; }
    if (key === "ArrowDown" || key === "j") return step(1);
    if (key === "ArrowUp" || key === "k") return step(-1);
    const wanted = $(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    if (!wanted) return false;
    // A digit answers; a letter only goes there, so that no letter ever sends anything.
    if (wanted.dataset.press === "yes") {
      if (performance.now() - since < SETTLE_MS) return true;
      wanted.focus();
      wanted.click();
      return true;
    }
    return reach(wanted);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (isTyping(event.target)) { event.target.blur(); reach($("#question")); return; }
      const back = $("[data-back]");
      if (back) location.assign(back.href);
      return;
    }
    if (isTyping(event.target)) return;
    // A key that is held down answers one question, not the next ones too.
    if (event.repeat && /^[0-9]$/.test(event.key)) { event.preventDefault(); return; }
    if (press(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const theme = event.target.closest?.("#theme");
    if (!theme) return;
    const isLight = document.documentElement.dataset.theme === "light";
    if (isLight) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = "light";
    try { localStorage.setItem("theme", isLight ? "dark" : "light"); } catch (error) { /* stays for this page */ }
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.body.dataset.settled = "yes";
    tick();
    announce();
    listen();
  });
})();
