// Comfort over pages that work without it: grid keys, combobox, focus, one submit.
(() => {
	const $ = (s, e = document) => e.querySelector(s), $$ = (s) => [...document.querySelectorAll(s)];
	const on = (types, f) => types.split(" ").forEach((t) => addEventListener(t, f));
	const say = (id, text) => { $(id).textContent = text; };
	const CELL = ".grid .cell > a", IDLE = "#panel > .idle";
	let stop, top, inside, current; // the cell that Tab reaches; kept over a swap; active option

	const take = (a) => { if (stop) stop.tabIndex = -1; (stop = a).tabIndex = 0; };
	const grid = () => {
		const all = $$(CELL), now = $("tr.now");
		const first = $(".grid [autofocus], .grid .on") || $(".grid .free") || all[0];
		all.forEach((a) => { a.tabIndex = -1; });
		if (first) take(first);
		if (!first?.autofocus) $("#grid").scrollTop = top ?? (now ? now.offsetTop - 180 : 0);
		if (inside) first?.focus();
		top = inside = undefined;
	};
	const move = (from, key) => {
		const cols = [], row = (a) => a.closest("tr").rowIndex, gap = (a) => Math.abs(row(a) - row(from));
		$$(CELL).forEach((a) => (cols[a.dataset.c] ||= []).push(a));
		const used = cols.filter((c) => c), x = used.findIndex((c) => c.includes(from)), col = used[x];
		const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -8, PageDown: 8 }[key];
		if (step) return col[Math.max(0, col.indexOf(from) + step)] || col.at(-1);
		return { ArrowLeft: used[x - 1], ArrowRight: used[x + 1], Home: used[0], End: used.at(-1) }[key]
			?.reduce((a, b) => (gap(b) < gap(a) ? b : a));
	};

	const box = () => $("[role=combobox]"), options = () => $$("[role=option]");
	const list = () => {
		box().ariaExpanded = options().length > 0;
		box().removeAttribute("aria-activedescendant");
	};
	const shut = () => { $("#patient-options").textContent = ""; list(); };
	const fill = (id, name, about, note) => {
		const { patient, picked } = box().form;
		patient.value = id;
		picked.value = name;
		say("#patient-about", about);
		say("#patient-note", note);
	};
	const pick = ({ dataset: { id, name, note }, children }) => {
		fill(id, box().value = name, children[1].textContent, note || "");
		say("#patient-count", "");
		shut();
		box().focus();
	};
	const combo = (key) => {
		const all = options(), i = all.indexOf(current);
		const next = { ArrowDown: all[i + 1] || all[0], ArrowUp: all.at(i < 1 ? -1 : i - 1) }[key];
		if (next) {
			if (current) current.ariaSelected = false;
			(current = next).ariaSelected = true;
			box().setAttribute("aria-activedescendant", next.id);
			next.scrollIntoView({ block: "nearest" });
		} else if (key === "Enter" && all[i]) pick(all[i]);
		else if (key === "Escape" && all[0]) shut();
		else return false;
		return true;
	};

	const bare = (e) => localStorage.keys !== "off" && !e.target.matches("input, select") && !e.ctrlKey;
	on("keydown", (e) => {
		const { key, target } = e, cell = target.closest(CELL), menu = $(".menu[open] summary");
		const day = cell && e.shiftKey && { PageDown: "#day-after", PageUp: "#day-before" }[key];
		const go = day ? $(day) : key === "Escape" && (menu || $("[data-close]"));
		const to = go || (bare(e) && { "/": $("#find"), "?": $("#me summary") }[key]) || (cell && move(cell, key));
		if (target === box() && combo(key)) return e.preventDefault();
		if (!to) return;
		e.preventDefault();
		if (to.matches("a.btn")) to.click();
		else to.focus();
		if (to.matches("summary")) to.parentNode.open = key === "?";
	});
	on("focusin", (e) => { if (e.target.matches?.(CELL)) take(e.target); });
	on("input", (e) => { if (e.target === box()) fill("", "", "", ""); });
	on("click", (e) => {
		const { target } = e, option = target.closest("[role=option]");
		if (option) pick(option);
		if (target.hash === "#grid" && stop) { e.preventDefault(); stop.focus(); }
		if (target.id === "keys") localStorage.keys = target.checked ? "on" : "off";
	});
	on("submit", (e) => {
		if (e.target.sent) e.preventDefault();
		e.target.sent = "once" in e.target.dataset;
	});
	on("pageshow htmx:afterRequest", () => $$("form").forEach((f) => { f.sent = false; }));
	on("htmx:beforeSwap", (e) => {
		if (e.detail.target.id !== "work") return;
		top = $("#grid").scrollTop;
		inside = document.activeElement.closest(".grid");
	});
	on("htmx:afterSwap", ({ detail: { target: { id } } }) => {
		say("#alert", "");
		if (id === "patient-options") list();
		if (id !== "panel" || !stop) return;
		stop.classList.toggle("on", !$(IDLE));
		if ($(IDLE)) stop.focus();
	});
	on("htmx:load", (e) => { if ($(".grid", e.target)) grid(); });
	on("htmx:responseError htmx:sendError", () => say("#alert", "That did not work. Reload the page and look before you try again."));
	if ($("#keys")) $("#keys").checked = localStorage.keys !== "off";
})();
