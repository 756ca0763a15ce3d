(() => {
  const reveal = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    const folded = [];
    for (let node = target; node; node = node.parentElement) {
      if (node instanceof HTMLDetailsElement && !node.open) folded.push(node);
    }
    folded.forEach((details) => { details.open = true; });
    if (folded.length) target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  reveal();

  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      if (!document.execCommand('copy')) throw new Error('the code is selected, but not copied');
    }
  };
  for (const button of document.querySelectorAll('button[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      try {
        await copy(button.closest('figure').querySelector('code'));
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Selected: press Ctrl+C';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 2500);
    });
  }

  // The row that differs, of tables longer than their box.
  for (const box of document.querySelectorAll('.layers')) {
    const row = box.querySelector('.differs');
    if (row) box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details[data-print]:not([open])')];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener('afterprint', () => opened.forEach((details) => { details.open = false; }));
})();
