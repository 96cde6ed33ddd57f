type Group = { readonly text: string; readonly items: readonly { readonly text: string; readonly link: string }[] }

/** The menu: each part of `docs/README.md` is a group, and each page that it names is an item. */
export function menuOf(index: string): Group[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const links = [...part.matchAll(/\[([^\]]+)\]\(([\w/-]+)\.md\)/g)]
      return {
        text: part.slice(0, part.indexOf('\n')),
        items: links.map(([, text, page]) => ({ text: text!, link: `/${page}` })),
      }
    })
    .filter(({ items }) => items.length > 0)
}
