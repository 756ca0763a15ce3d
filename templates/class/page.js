(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === 'number' ? a - b : a.localeCompare(b, undefined, { numeric: true }));

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const ascending = head.getAttribute('aria-sort') === 'descending'
          || (head.getAttribute('aria-sort') === null && column === 0);
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row) => [value(row, column), row]);
        keyed.sort(([a], [b]) => (ascending ? 1 : -1) * compare(a, b));
        body.append(...keyed.map(([, row]) => row));
      });
    });
  };

  const filterable = (section, table) => {
    const rows = [...table.tBodies[0].rows];
    const first = table.tHead.rows[0].cells.length - (table.tHead.querySelectorAll('.task').length);
    const names = rows.map((row) => row.cells[0].textContent.trim().toLowerCase());
    const field = (name) => section.querySelector(`[data-filter="${name}"]`);
    const [name, status, task] = ['name', 'status', 'task'].map(field);
    const told = section.querySelector('output');
    const fits = (row, number) => names[number].includes(name.value.trim().toLowerCase())
      && (!status.value || row.dataset.status === status.value
        || (status.value === 'look' && 'look' in row.dataset)
        || (status.value === 'waits' && 'waits' in row.dataset))
      && (!task.value || 'lost' in row.cells[first + Number(task.value)].dataset);
    const apply = () => {
      let shown = 0;
      rows.forEach((row, number) => {
        const hidden = !fits(row, number);
        if (row.hidden !== hidden) row.hidden = hidden;
        shown += !hidden;
      });
      told.textContent = shown === rows.length ? '' : `${shown} of ${rows.length} shown`;
    };
    for (const one of [name, status, task]) one.addEventListener('input', apply);
    section.querySelector('.filters').hidden = false;
  };

  for (const section of document.querySelectorAll('.submissions')) {
    const table = section.querySelector('table');
    sortable(table);
    filterable(section, table);
  }
})();
