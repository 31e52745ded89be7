(() => {
  const plain = text => text.normalize("NFKC").toLowerCase();
  const items = [...document.querySelectorAll("#reports > li")].map(item => [item, plain(item.id + " " + item.textContent)]);
  const words = document.getElementById("words"), count = document.getElementById("count");
  const filter = () => {
    const wanted = plain(words.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [item, text] of items) {
      item.hidden = !wanted.every(word => text.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    const english = document.createElement("span");
    english.lang = "en";
    english.className = "en";
    english.textContent = count.dataset.en.replace("#", shown);
    count.replaceChildren(count.dataset.ja.replace("#", shown) + " ", english);
  };
  document.getElementById("search").hidden = false;
  words.addEventListener("input", filter);
  filter();
})();
