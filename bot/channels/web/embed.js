// <script src="https://MÁY-CHỦ/web/embed.js" async></script> puts a button into a page that opens the chat in a frame.
// The frame is loaded at the first click, so a page that carries the button stays as light as it was.
"use strict";
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const style = (node, rules) => { for (const [name, value] of Object.entries(rules)) node.style.setProperty(name, value); };

  const button = document.createElement("button");
  button.type = "button";
  button.textContent = script.dataset.label || "Hỏi thủ tục";
  button.setAttribute("aria-expanded", "false");
  style(button, {
    position: "fixed", right: "16px", bottom: "16px", "z-index": "2147483000", "min-height": "48px", padding: "0 20px", border: "0",
    "border-radius": "24px", background: "#0b5c4a", color: "#ffffff", font: "600 16px/1.2 system-ui, sans-serif", cursor: "pointer",
    "box-shadow": "0 2px 10px rgba(0,0,0,.3)",
  });

  let frame = null;
  const show = (open) => {
    if (open && !frame) {
      frame = document.createElement("iframe");
      frame.title = "Trợ lý thủ tục hành chính Một Cửa";
      frame.src = origin + "/";
      frame.allow = "";
      style(frame, {
        position: "fixed", right: "max(0px, min(16px, calc(100vw - 420px)))", bottom: "0", width: "min(100vw, 400px)", height: "min(100dvh, 640px)",
        "z-index": "2147483001", border: "1px solid #c9d3cf", "border-radius": "14px 14px 0 0", background: "#ffffff", "color-scheme": "light dark",
        "box-shadow": "0 4px 24px rgba(0,0,0,.35)",
      });
      document.body.append(frame);
    }
    if (frame) frame.style.setProperty("display", open ? "block" : "none");
    button.setAttribute("aria-expanded", String(open));
    (open ? frame : button).focus();
  };
  button.addEventListener("click", () => show(!frame || frame.style.display === "none"));
  window.addEventListener("message", (event) => {
    if (event.origin === origin && frame && event.source === frame.contentWindow && event.data === "motcua:close") show(false);
  });
  const add = () => document.body.append(button);
  document.body ? add() : document.addEventListener("DOMContentLoaded", add);
})();
