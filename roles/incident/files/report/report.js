// Copyright (c) 2026, linux_audit.fleet contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

/* global Tabulator, uPlot */
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  const texts = data.texts;
  const page = document.getElementById("page");

  const LANES = 40;
  const SERIES = 7;
  const COLOURS = {
    light: ["#0b57d0", "#a50e0e", "#146c2e", "#7b1fa2", "#8a5300", "#006a6a", "#5f6368"],
    dark: ["#9cc2ff", "#ffb1a8", "#81d89a", "#e2b6ff", "#ffc166", "#6fdada", "#c4c7c5"],
  };
  const FIRST_GROUPS = 10;
  // Ticks by their distance in seconds: what each says, and what the first of a year, day or minute says below it.
  const DAY = "\n{YYYY}-{MM}-{DD}";
  const MINUTE = DAY + " {HH}:{mm}";
  const TICKS = [
    [86400 * 365, "{YYYY}", null, null, null, null, null, null, 1],
    [86400 * 28, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
    [86400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", DAY, null, DAY, null, null, null, 1],
    [1, "{HH}:{mm}:{ss}", DAY, null, DAY, null, null, null, 1],
    [0.001, ":{ss}.{fff}", MINUTE, null, MINUTE, null, MINUTE, null, 1],
  ];
  const COLUMNS = ["time", "host", "signal", "sender", "exe", "command", "user", "login", "tty", "victim", "result"];
  const WIDTHS = { time: 205, host: 120, signal: 95, sender: 150, exe: 180, command: 300, user: 90, login: 100, tty: 85, victim: 150, result: 80 };

  function put(text, ...values) {
    return text.replace(/\{(\d)\}/g, (_place, index) => values[index]);
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes || {})) made.setAttribute(attribute, value);
    made.append(...children);
    return made;
  }

  function section(id, title, ...children) {
    const made = element("section", { "aria-labelledby": id + "-title" }, element("h2", { id: id + "-title" }, title), ...children);
    page.append(made);
    return made;
  }

  function plainTable(label, columns, rows) {
    const head = element("tr", null, ...columns.map((column) => element("th", { scope: "col" }, texts[column])));
    const body = rows.map((cells) => element("tr", null, ...cells.map((cell, index) => element("td", { class: columns[index] }, cell))));
    const made = element("table", { class: "plain" }, element("thead", null, head), element("tbody", null, ...body));
    return element("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": label }, made);
  }

  function remarks(host) {
    return host.remarks.join("; ") || (host.fine ? texts.fine : "");
  }

  function showAlarms() {
    const alarming = data.hosts.filter((host) => !host.fine);
    if (!alarming.length) return;
    const first = alarming.sort((one, other) => one.searched - other.searched).slice(0, 10);
    const list = element("ul", null, ...first.map((host) => element("li", null, element("strong", null, host.host + ": " + host.status), " ", remarks(host))));
    const alarms = element("div", { class: "alarm", id: "alarms" }, list);
    if (alarming.length > first.length) alarms.append(put(texts.other_hosts, alarming.length - first.length));
    page.append(alarms);
  }

  function showGroups() {
    const columns = ["count", "signal", "host", "sender", "exe", "parents", "user", "login", "tty", "session", "victim", "result", "first", "last"];
    if (!data.groups.length) {
      section("answer", texts.answer, element("p", null, texts.answer_none));
      return;
    }
    const rows = data.groups.map((group) => columns.map((column) => column === "first" || column === "last" ? group[column].replace("T", " ").replace(/\.\d+Z$/, "") : group[column]));
    const made = section("answer", texts.answer, plainTable(texts.answer, columns, rows.slice(0, FIRST_GROUPS)));
    if (rows.length > FIRST_GROUPS) {
      const rest = plainTable(put(texts.answer_rest, rows.length - FIRST_GROUPS), columns, rows.slice(FIRST_GROUPS));
      const details = element("details", null, element("summary", null, put(texts.answer_rest, rows.length - FIRST_GROUPS)), rest);
      addEventListener("beforeprint", () => { details.open = true; });
      made.append(details);
    }
    if (data.groupCount > data.groups.length) {
      made.append(element("p", { class: "help" }, put(texts.answer_more, data.groups.length, data.groupCount)));
    }
  }

  /* The table and its filters */

  const filter = { text: "", host: "", signal: "", sender: "", victim: "", noise: false, from: -Infinity, to: Infinity };

  function passes(row) {
    return (filter.noise || row.noise === null)
      && (!filter.host || row.host === filter.host)
      && (!filter.signal || row.signal === filter.signal)
      && row.at >= filter.from && row.at <= filter.to
      && row.sender.toLowerCase().includes(filter.sender)
      && row.victim.toLowerCase().includes(filter.victim)
      && (!filter.text || COLUMNS.some((column) => row[column].toLowerCase().includes(filter.text)));
  }

  function distinct(column) {
    return [...new Set(data.rows.map((row) => row[column]))].sort();
  }

  function showEvent(row, opener) {
    const hidden = /[\p{C}\p{Zl}\p{Zp}\p{M}]/gu;
    const text = JSON.stringify(data.events[row.event], null, 2).split("\n").map((line) => line.replace(hidden,
      (char) => "\\u" + char.codePointAt(0).toString(16).padStart(4, "0"))).join("\n");
    const close = element("button", { type: "button" }, texts.close);
    const dialog = element("dialog", { "aria-labelledby": "event-title" },
      element("h2", { id: "event-title" }, texts.event), element("pre", { tabindex: "0" }, text), close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); opener.focus(); });
    page.append(dialog);
    dialog.showModal();
  }

  function openButton(cell) {
    const row = cell.getRow().getData();
    const button = element("button", { type: "button", "aria-label": put(texts.open_label, row.time) }, "{ }");
    button.addEventListener("click", () => showEvent(row, button));
    return button;
  }

  function noiseText(cell) {
    return document.createTextNode(cell.getValue() || "");
  }

  function titleButton(cell) {
    return element("button", { type: "button" }, cell.getValue());
  }

  async function makeTable(made) {
    const columns = COLUMNS.map((column) => ({
      title: texts[column], field: column, width: WIDTHS[column], titleFormatter: titleButton, headerSortTristate: true, sorter: "string",
    }));
    columns.splice(1, 0, { title: texts.open, field: "event", width: 75, headerSort: false, formatter: openButton, print: false });
    columns.push({ title: texts.noise, field: "noise", width: 80, titleFormatter: titleButton, formatter: noiseText });
    const table = new Tabulator("#grid", {
      data: data.rows,
      columns: columns,
      height: Math.min(600, 90 + 36 * data.rows.length),
      rowHeight: 36,
      // The observer behind it draws all rows again a moment after the page is there, and takes the focus away from them.
      autoResize: false,
      printAsHtml: true,
      printRowRange: "active",
      placeholder: texts.answer_none,
      columnDefaults: { headerHozAlign: "left", resizable: false },
    });
    await new Promise((resolve) => table.on("tableBuilt", resolve));
    // A focusable element without a role may not stand in a grid; the buttons in it take the focus.
    made.querySelector(".tabulator-tableholder").removeAttribute("tabindex");
    addEventListener("resize", () => table.redraw());
    return table;
  }

  async function showTable() {
    const shown = element("p", { id: "shown", role: "status" });
    const controls = element("form", { id: "filters" });
    const fields = {};

    function labelled(name, label, field) {
      fields[name] = field;
      controls.append(element("label", null, texts[label], field));
    }
    function choice(column) {
      return element("select", null, element("option", { value: "" }, texts.filter_all), ...distinct(column).map((value) => element("option", { value: value }, value)));
    }
    labelled("text", "filter_text", element("input", { type: "search" }));
    labelled("host", "filter_host", choice("host"));
    labelled("signal", "filter_signal", choice("signal"));
    labelled("sender", "filter_sender", element("input", { type: "search" }));
    labelled("victim", "filter_victim", element("input", { type: "search" }));
    fields.noise = element("input", { type: "checkbox" });
    if (data.rows.some((row) => row.noise !== null)) {
      controls.append(element("label", { class: "tick" }, fields.noise, texts.filter_noise));
    }
    controls.append(element("button", { type: "reset" }, texts.filter_reset));

    const made = section("table", texts.table, controls, shown);
    if (data.total > data.rows.length) made.append(element("p", { class: "help" }, put(texts.table_cut, data.rows.length, data.total)));
    made.append(element("div", { id: "table" }, element("div", { id: "grid", "aria-label": texts.table_label })));
    const table = await makeTable(made);

    function apply() {
      filter.text = fields.text.value.toLowerCase();
      filter.host = fields.host.value;
      filter.signal = fields.signal.value;
      filter.sender = fields.sender.value.toLowerCase();
      filter.victim = fields.victim.value.toLowerCase();
      filter.noise = fields.noise.checked;
      table.setFilter(passes);
      shown.textContent = put(texts.shown, table.getDataCount("active"), data.rows.length);
    }
    controls.addEventListener("input", apply);
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("reset", () => setTimeout(apply));
    apply();
    return apply;
  }

  /* The timeline: one lane for each host, one series for each signal */

  function largest(rows, column, limit) {
    const counts = new Map();
    for (const row of rows) counts.set(row[column], (counts.get(row[column]) || 0) + 1);
    return [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one)).slice(0, limit);
  }

  function showTimeline(narrow) {
    const rows = data.rows.filter((row) => row.noise === null);
    if (!rows.length) return;
    let hosts = largest(rows, "host", Infinity);
    const others = hosts.length > LANES ? hosts.length - LANES + 1 : 0;
    hosts = (others ? hosts.slice(0, LANES - 1) : hosts).sort();
    const lanes = others ? [...hosts, put(texts.other_hosts, others)] : hosts;
    let signals = largest(rows, "signal", Infinity);
    if (signals.length > SERIES) signals = [...signals.slice(0, SERIES - 1), texts.other_signals];

    const times = rows.map((row) => row.at);
    const lane = new Map(hosts.map((host, index) => [host, index]));
    const series = signals.map(() => new Array(rows.length).fill(null));
    rows.forEach((row, index) => {
      const known = signals.indexOf(row.signal);
      series[known < 0 ? signals.length - 1 : known][index] = lanes.length - 1 - (lane.has(row.host) ? lane.get(row.host) : lanes.length - 1);
    });

    const margin = Math.max(1, (times[times.length - 1] - times[0]) * 0.02);
    const all = { min: times[0] - margin, max: times[times.length - 1] + margin };
    const place = element("div", { id: "timeline" });
    const picture = element("div", { role: "img", "aria-label": put(texts.timeline_label, rows[0].time, rows[rows.length - 1].time) });
    place.append(picture);
    const before = document.getElementById("table-title").parentElement;
    before.before(section("timeline", texts.timeline, element("p", { class: "help" }, texts.timeline_help), place));

    const dark = matchMedia("(prefers-color-scheme: dark)");
    let plot = null;
    function draw() {
      const colours = dark.matches ? COLOURS.dark : COLOURS.light;
      const style = getComputedStyle(document.documentElement);
      const axis = { stroke: style.getPropertyValue("--text").trim(), grid: { stroke: style.getPropertyValue("--raised").trim() } };
      const labels = Math.min(220, 20 + 7 * Math.max(...lanes.map((name) => name.length)));
      if (plot) plot.destroy();
      plot = new uPlot({
        width: Math.max(280, place.clientWidth),
        height: 90 + 26 * lanes.length,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        legend: { live: false },
        cursor: { y: false, points: { show: false } },
        scales: { x: all, y: { range: [-0.5, lanes.length - 0.5] } },
        axes: [{ ...axis, values: TICKS }, {
          ...axis, size: labels, splits: () => lanes.map((_name, index) => index),
          values: (_plot, splits) => splits.map((index) => (name => name.length > 28 ? name.slice(0, 27) + "…" : name)(lanes[lanes.length - 1 - index])),
        }],
        series: [{}, ...signals.map((signal, index) => ({
          label: signal, stroke: colours[index], paths: () => null, points: { show: true, size: 9, fill: colours[index] },
        }))],
        hooks: {
          setScale: [(made, key) => {
            if (key !== "x") return;
            const whole = made.scales.x.min <= times[0] && made.scales.x.max >= times[times.length - 1];
            narrow(whole ? -Infinity : made.scales.x.min, whole ? Infinity : made.scales.x.max);
          }],
        },
      }, [times, ...series], picture);
    }
    draw();
    dark.addEventListener("change", draw);
    let waiting = 0;
    addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(draw, 150); });
  }

  function showHosts() {
    section("health", texts.health, plainTable(texts.health, ["host", "status", "remarks"], data.hosts.map((host) => [host.host, host.status, remarks(host)])));
  }

  function showMade() {
    const lines = [texts.made_by, ...data.searches.flat(), texts.made_with];
    section("made", texts.made, ...lines.map((line) => element("p", null, line)));
  }

  async function show() {
    for (const row of data.rows) row.at = Date.parse(row.time) / 1000;
    showAlarms();
    showGroups();
    const apply = await showTable();
    showTimeline((from, to) => {
      if (filter.from === from && filter.to === to) return;
      filter.from = from;
      filter.to = to;
      apply();
    });
    showHosts();
    showMade();
    document.documentElement.dataset.ready = "yes";
  }

  show();
})();
