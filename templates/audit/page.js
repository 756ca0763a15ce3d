(() => {
  const filter = document.getElementById('filter');
  const entries = [...filter.closest('section').querySelectorAll('.entry')];
  filter.addEventListener('input', () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const entry of entries) {
      entry.hidden = !entry.querySelector('summary').textContent.toLowerCase().includes(wanted);
    }
  });
})();
