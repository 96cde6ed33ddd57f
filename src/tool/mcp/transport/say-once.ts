/** A function that passes on the first text of each kind; a text is a kind of its own unless one is given. */
export function sayOnce(say: (text: string) => void): (text: string, kind?: string) => void {
  const said = new Set<string>()
  return (text, kind = text) => {
    if (!said.has(kind)) say(text)
    said.add(kind)
  }
}
