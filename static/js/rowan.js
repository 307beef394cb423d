// Comfort only.
const $ = (s, e = document) => e.querySelector(s), $$ = (s) => [...document.querySelectorAll(s)];
const on = addEventListener;
const say = (s, t) => { $(s).textContent = t; };
const near = (a) => a.scrollIntoView({ block: "nearest" });
const CELL = ".cell > :not(span)";
let stop, current; // Tab's cell, the active option

const take = (a) => { if (stop) stop.tabIndex = -1; (stop = a).tabIndex = 0; };
const grid = (swapped) => {
	const all = $$(CELL), first = $(".grid .on") || $(".free") || all[0];
	all.forEach((a) => { a.tabIndex = -1; });
	if (!first) return;
	take(first);
	$("#grid").scrollTop ||= $(".now")?.offsetTop - 180;
	if (first.autofocus) near(first);
	else if (swapped && !$(":focus:not(#grid)")) first.focus();
};
const move = (from, key) => {
	const cols = [], gap = (a) => Math.abs(a.closest("tr").rowIndex - from.closest("tr").rowIndex);
	$$(CELL).forEach((a) => (cols[a.dataset.c] ||= []).push(a));
	const used = cols.filter((c) => c), x = used.findIndex((c) => c.includes(from)), col = used[x];
	const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -8, PageDown: 8 }[key];
	if (step) return col[Math.max(0, col.indexOf(from) + step)] || col.at(-1);
	return { ArrowLeft: used[x - 1], ArrowRight: used[x + 1], Home: used[0], End: used.at(-1) }[key]
		?.reduce((a, b) => (gap(b) < gap(a) ? b : a));
};

const box = () => $("[role=combobox]"), fresh = () => $("#id_full_name");
const list = () => {
	box().ariaExpanded = !!$("[role=option]");
	box().removeAttribute("aria-activedescendant");
};
const shut = () => { say("#patient-options", ""); say("#patient-count", ""); list(); };
const pick = (li) => {
	box().value = li.dataset.name;
	$("#chosen").innerHTML = $("template", li).innerHTML;
	shut();
	(fresh() || box()).focus();
};
const combo = (key) => {
	const all = $$("[role=option]"), i = all.indexOf(current);
	const next = { ArrowDown: all[i + 1] || all[0], ArrowUp: all[i - 1] || all.at(-1) }[key];
	if (next) {
		if (current) current.ariaSelected = false;
		(current = next).ariaSelected = true;
		box().setAttribute("aria-activedescendant", next.id);
		near(next);
	} else if (key === "Enter" && all[i]) pick(all[i]);
	else if (key === "Escape" && all[0]) shut();
	else return;
	return true;
};

on("keydown", (e) => {
	const { key, target } = e, cell = target.closest(CELL), did = target === box() && combo(key);
	const bare = localStorage.keys !== "off" && !target.matches("input, select");
	const to = (e.shiftKey && target.closest("#grid") && { PageDown: $("#day-after"), PageUp: $("#day-before") }[key]) ||
		(cell && move(cell, key)) || (bare && { "/": $("#find"), "?": $("#me summary") }[key]) ||
		(key === "Escape" && ($(".menu[open] summary") || (!fresh() && $("[data-close]"))));
	if (did || to) e.preventDefault();
	if (did || !to) return;
	to[to.matches(".btn") ? "click" : "focus"]();
	if (to.matches("summary")) to.parentNode.open = key === "?";
});
on("focusin", ({ target }) => { if (target.matches(CELL)) take(target); });
on("input", ({ target }) => { if (target === box() && !fresh()) say("#chosen", ""); });
on("click", (e) => {
	const { target } = e, option = target.closest("[role=option]");
	if (option) pick(option);
	if (target.hash === "#grid" && stop) { e.preventDefault(); stop.focus(); }
	if (target.id === "keys") localStorage.keys = target.checked || "off";
});
on("submit", (e) => {
	if (e.target.sent) e.preventDefault();
	e.target.sent = "once" in e.target.dataset;
});
const unlock = () => $$("form").forEach((f) => (f.sent = 0));
on("pageshow", unlock);
on("htmx:afterRequest", unlock);
on("htmx:afterSwap", ({ detail: { target: { id } } }) => {
	const idle = $("#panel > .idle");
	say("#alert", "");
	if (id === "patient-options") list();
	if (id === "grid") grid(true);
	if (id !== "panel" || !stop) return;
	stop.classList.toggle("on", !idle);
	if (idle) stop.focus();
});
const oops = () => say("#alert", "That did not work. Try again, or reload.");
on("htmx:responseError", oops);
on("htmx:sendError", oops);
if ($("#grid")) grid();
if ($("#keys")) $("#keys").checked = localStorage.keys !== "off";
