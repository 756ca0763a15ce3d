(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
  };
  const compare = (a, b) => (typeof a === 'number' ? a - b : a.localeCompare(b, undefined, { numeric: true }));

  for (const table of document.querySelectorAll('.students table')) {
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
        body.append(...[...body.rows].sort((a, b) =>
          (ascending ? 1 : -1) * compare(value(a, column), value(b, column))));
      });
    });
  }
})();
