// Names for the parts of a picker that select2 leaves without one.
django.jQuery(($) => {
	const label = (select) => document.querySelector(`label[for="${select.id}"]`);
	const name = (select) => {
		const box = select.parentElement.querySelector("[role=combobox]"), text = label(select);
		if (!box || !text) return;
		const value = box.querySelector("[role=textbox]");
		text.id ||= `${select.id}_label`;
		box.setAttribute("aria-labelledby", `${text.id} ${value.id}`);
		value.setAttribute("aria-labelledby", text.id);
	};
	document.querySelectorAll("select.admin-autocomplete").forEach(name);
	$(document).on("select2:open", "select.admin-autocomplete", (event) => {
		const text = label(event.target)?.textContent.replace(":", "") || "Search";
		document.querySelectorAll(".select2-container--open :is(.select2-search__field, [role=listbox])")
			.forEach((part) => part.setAttribute("aria-label", text));
		const box = document.querySelector(".select2-container--open [role=combobox]");
		box?.setAttribute("aria-controls", box.getAttribute("aria-owns"));
	});
});
