// The desk's page of a petition's key. What is chosen and typed stays here: only key.json, which is
// public, is put into the form that stores it.

function startDeskPage() {
  document.querySelectorAll('.scripted').forEach((each) => { each.hidden = false; });
  document.querySelectorAll('.unscripted').forEach((each) => { each.hidden = true; });
  startPetitionPage({
    load: async () => readPetitionKeys(byId('key-file').value),
    save: async (keys, done) => {
      byId('key-file').value = fileText(keys);
      show('petition-done', done);
      show('petition-preview', organisersTable(keys));
      show('petition-save', saveLink('key.json', fileText(keys)));
      byId('petition-save').firstChild.className = 'button second';
      byId('petition-result').hidden = false;
      byId('petition-result').focus();
    },
  });
}

startDeskPage();
