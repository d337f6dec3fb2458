// The chat page: sends questions, reads the answers' event stream, keeps the conversation in this tab (sessionStorage, so
// that a shared computer forgets it with the tab). Text goes into the page only as text, never as markup.
"use strict";
(() => {
  const STORE = "motcua";
  const KEEP = 200;
  const SILENCE = 40000; // ms without a sign of life before the stream is opened anew
  const $ = (id) => document.getElementById(id);
  const log = $("log"), field = $("question"), status = $("status"), hello = $("hello");
  const embedded = window.parent !== window;

  // -- what this tab remembers ---------------------------------------------------------------------

  const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
  const fresh = () => ({ key: random(20), last: 0, items: [] });
  let memory = fresh();
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORE));
    if (kept && typeof kept.key === "string" && Array.isArray(kept.items)) memory = kept;
  } catch { /* nothing kept, or storage is off: the talk lives as long as the page */ }
  const save = () => {
    memory.items = memory.items.slice(-KEEP);
    try { sessionStorage.setItem(STORE, JSON.stringify(memory)); } catch { /* full or off */ }
  };

  // -- showing -------------------------------------------------------------------------------------

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const LINK = /https?:\/\/[^\s<>"“”]+[^\s<>"“”.,;:!?)\]]/g;
  const fill = (node, text) => {
    let end = 0;
    for (const match of text.matchAll(LINK)) {
      node.append(text.slice(end, match.index));
      const link = make("a", "", match[0]);
      link.href = match[0];
      link.target = "_blank";
      link.rel = "noopener noreferrer";
      node.append(link);
      end = match.index + match[0].length;
    }
    node.append(text.slice(end));
    return node;
  };
  const toEnd = () => { log.scrollTop = log.scrollHeight; };

  const showMine = (item) => {
    const box = make("div", "message me");
    box.id = "m" + item.id;
    box.append(make("p", "who", "Bạn:"), make("div", "bubble", item.text), make("p", "state"));
    log.append(box);
    showState(item);
  };
  const showState = (item) => {
    const state = $("m" + item.id)?.querySelector(".state");
    if (state) {
      state.textContent = item.state === "waiting" ? "Chờ gửi" : item.state === "failed" ? "Không gửi được" : "";
      state.hidden = !state.textContent;
    }
  };

  const showReply = (content) => {
    const box = make("div", "message bot"), bubble = make("div", "bubble");
    const several = content.sources.length > 1;
    let list = null, items = 0;
    for (const line of content.lines) {
      const text = line.text.trim();
      if (!text) continue;
      let node;
      if (line.kind === "item") {
        if (!list) bubble.append(list = make("ul"));
        list.append(node = make("li"));
        items += 1;
      } else {
        list = null;
        node = line.kind === "heading" ? make("h2") : make("p", line.kind === "warning" ? "warning" : line.kind === "note" ? "note" : "");
        bubble.append(node);
      }
      fill(node, line.kind === "warning" ? "⚠ " + text : text);
      if (several && Number.isInteger(line.source)) node.append(make("sup", "", "\u00a0[" + (line.source + 1) + "]"));
    }
    if (content.sources.length) {
      const sources = make("div", "sources");
      content.sources.forEach((source, n) => sources.append(fill(make("p"), (several ? "[" + (n + 1) + "] " : "") + source)));
      bubble.append(sources);
    }
    box.append(make("p", "who", "Một Cửa:"), bubble);
    const files = (content.files || []).filter((file) => file.href.startsWith("/giay-to/"));
    if (files.length) {
      const row = make("p", "files");
      for (const { title, href } of files) {
        const link = make("a", "plain small", title);
        link.href = href;
        link.target = "_blank";
        link.rel = "noopener noreferrer";
        row.append(link, " ");
      }
      box.append(row);
    } else if (items > 1) {
      const print = make("button", "plain small", "In danh sách này");
      print.type = "button";
      print.addEventListener("click", () => printOnly(box));
      box.append(print);
    }
    if (content.buttons.length) {
      const choices = make("div", "choices");
      choices.setAttribute("role", "group");
      choices.setAttribute("aria-label", "Chọn tiếp");
      for (const { title, payload } of content.buttons) {
        const button = make("button", "", title);
        button.type = "button";
        button.addEventListener("click", () => ask(title, payload));
        choices.append(button);
      }
      box.append(choices);
    }
    log.append(box);
    return box;
  };

  const printOnly = (box) => {
    box.classList.add("printed");
    document.body.classList.add("only-one");
    window.print();
    document.body.classList.remove("only-one");
    box.classList.remove("printed");
  };

  let trouble = "", typing = false;
  const tell = () => {
    const words = trouble || (typing ? "Một Cửa đang tra cứu…" : "");
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("trouble", Boolean(trouble));
  };
  const offline = () => {
    trouble = memory.items.some((item) => item.state === "waiting")
      ? "Mất kết nối. Tin nhắn sẽ tự gửi khi có mạng lại."
      : "Mất kết nối. Đang thử nối lại.";
    tell();
  };
  const online = () => { trouble = ""; tell(); };

  // -- sending: one after the other, kept until the server has it -------------------------------------

  const headers = () => ({ Authorization: "Bearer " + memory.key });
  const pause = (ms) => new Promise((done) => {
    const timer = setTimeout(done, ms);
    window.addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });

  const ask = (text, payload) => {
    const item = { who: "me", id: random(12), text, payload, state: "waiting" };
    memory.items.push(item);
    save();
    showMine(item);
    toEnd();
    flush();
    listen();
  };

  let flushing = false;
  const flush = async () => {
    if (flushing) return;
    flushing = true;
    const key = memory.key;
    let wait = 1000;
    for (let item; key === memory.key && (item = memory.items.find((one) => one.state === "waiting"));) {
      const body = item.payload ? { id: item.id, payload: item.payload } : { id: item.id, text: item.text };
      let response = null;
      try {
        response = await fetch("/web/api/messages", { method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(20000) });
      } catch { /* no network */ }
      if (response && (response.ok || (response.status >= 400 && response.status < 500 && ![401, 408, 429].includes(response.status)))) {
        item.state = response.ok ? "sent" : "failed";
        typing = response.ok;
        online();
        save();
        showState(item);
        wait = 1000;
        continue;
      }
      if (response && response.status === 429) {
        trouble = "Bạn nhắn hơi nhanh. Tin nhắn sẽ tự gửi sau giây lát.";
        tell();
      } else offline();
      await pause(response ? 1000 * (Number(response.headers.get("Retry-After")) || 2) : wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, 15000);
    }
    flushing = false;
    if (key !== memory.key) flush();
  };

  // -- listening: server-sent events over fetch, because EventSource cannot send the key in a header ---

  const onEvent = (kind, id, data) => {
    if (kind === "typing") { typing = true; tell(); }
    if (kind !== "reply" || Number(id) <= memory.last) return;
    memory.last = Number(id);
    const content = JSON.parse(data);
    memory.items.push({ who: "bot", content });
    save();
    typing = false;
    tell();
    const box = showReply(content);
    // A long answer is read from its beginning, under the question.
    const question = box.previousElementSibling;
    const first = question?.classList.contains("me") && question.offsetHeight < log.clientHeight / 3 ? question : box;
    if (log.scrollHeight - first.offsetTop > log.clientHeight) log.scrollTop = first.offsetTop - 12;
    else toEnd();
  };

  let listening = false;
  const listen = async () => {
    if (listening) return;
    listening = true;
    for (let wait = 1000; ;) {
      const control = new AbortController();
      let alive = setTimeout(() => control.abort(), SILENCE);
      try {
        const response = await fetch("/web/api/stream", { headers: { ...headers(), "Last-Event-ID": String(memory.last) }, signal: control.signal, cache: "no-store" });
        if (!response.ok) throw new Error(String(response.status));
        if (!memory.items.some((item) => item.state === "waiting")) online();
        wait = 1000;
        current = control;
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let rest = ""; ;) {
          const { value, done } = await reader.read();
          if (done) break;
          clearTimeout(alive);
          alive = setTimeout(() => control.abort(), SILENCE);
          const blocks = (rest + value).split("\n\n");
          rest = blocks.pop();
          for (const block of blocks) {
            const fields = Object.fromEntries(block.split("\n").filter((line) => line && !line.startsWith(":")).map((line) => {
              const at = line.indexOf(":");
              return [line.slice(0, at), line.slice(at + 1).trimStart()];
            }));
            if (fields.event) onEvent(fields.event, fields.id, fields.data);
          }
        }
      } catch { if (!control.replaced) offline(); }
      clearTimeout(alive);
      if (!control.replaced) await pause(wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, 30000);
    }
  };
  let current = null;

  // -- the page ---------------------------------------------------------------------------------------

  const grow = () => {
    field.style.height = "auto";
    field.style.height = Math.min(field.scrollHeight + 2, window.innerHeight * 0.3) + "px";
  };
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    grow();
    field.focus();
    ask(text);
  });
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While a Vietnamese keyboard composes a word, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("form").requestSubmit();
    }
  });
  hello.addEventListener("click", (event) => {
    const words = event.target.closest("[data-ask]")?.dataset.ask;
    if (words) ask(words);
  });
  $("print").addEventListener("click", () => window.print());
  $("forget").addEventListener("click", () => {
    if (!window.confirm("Xóa cuộc trò chuyện này?")) return;
    // The server forgets too; after that this tab begins under a new key.
    const old = headers();
    fetch("/web/api/messages", { method: "POST", headers: { ...old, "Content-Type": "application/json" }, body: JSON.stringify({ id: random(12), text: "/xoa" }), keepalive: true }).catch(() => {});
    memory = fresh();
    save();
    for (const node of [...log.children]) if (node !== hello) node.remove();
    typing = false;
    online();
    if (current) { current.replaced = true; current.abort(); }
    field.focus();
  });
  window.addEventListener("online", () => { flush(); if (current) { current.replaced = true; current.abort(); } });
  window.addEventListener("offline", offline);
  if (embedded) {
    const close = $("close");
    close.hidden = false;
    const leave = () => window.parent.postMessage("motcua:close", "*");
    close.addEventListener("click", leave);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
  }

  // The conversation of before the reload is shown without being read out again.
  log.setAttribute("aria-live", "off");
  for (const item of memory.items) item.who === "me" ? showMine(item) : showReply(item.content);
  if (memory.items.length) {
    toEnd();
    listen();
    flush();
  }
  requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  if (!navigator.onLine) offline();
  if (window.matchMedia("(pointer: fine)").matches && !embedded) field.focus();
})();
