(() => {
  'use strict';
  const form = document.querySelector('[data-marking]');
  const comment = form?.elements.comment;
  const say = document.querySelector('[data-say]');
  const typing = (target) => target.matches('textarea, select, input:not([type=radio]):not([type=checkbox])');

  const chosen = () => form.querySelector('[name=points]:checked') || form.elements.other.value.trim();

  function save() {
    if (chosen()) { form.requestSubmit(); return; }
    say.textContent = 'Choose the points first: press a number from 0 to 9.';
    say.classList.remove('visually-hidden');
  }

  function choose(key) {
    const level = form.querySelector(`[data-key="${key}"]`);
    if (!level) return;
    level.checked = true;
    form.elements.other.value = '';
    level.focus();
    say.textContent = '';
    say.classList.add('visually-hidden');
  }

  // One press saves one mark: a second form on its way would meet the first as a conflict.
  let sent = false;
  form?.addEventListener('submit', (event) => { if (sent) event.preventDefault(); sent = true; });
  addEventListener('pageshow', () => { sent = false; });

  document.querySelectorAll('[data-insert]').forEach((button) => {
    button.disabled = false;
    button.addEventListener('click', () => {
      const text = button.dataset.insert;
      comment.value = comment.value.trim() ? `${comment.value.trimEnd()}\n${text}` : text;
      comment.focus();
    });
  });

  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.isComposing || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (key === 'Enter' && form) { event.preventDefault(); save(); }
      return;
    }
    if (typing(target)) {
      if (key === 'Escape') target.blur();
      return;
    }
    if (key === 'Enter') {
      if (target.closest('a, button, summary')) return;
      event.preventDefault();
      if (form) save(); else document.getElementById('following')?.click();
    } else if (form && /^[0-9]$/.test(key)) {
      event.preventDefault(); choose(key);
    } else if (form && key === 'c') {
      event.preventDefault(); comment.focus();
    } else if (key === 'u') {
      document.querySelector('[data-undo]')?.requestSubmit();
    } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const go = document.querySelector(`[data-go="${key}"]`);
      if (go) { event.preventDefault(); go.click(); }
    }
  });

  if (document.querySelector('[data-reload]')) setTimeout(() => location.reload(), 700);
  document.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
})();
