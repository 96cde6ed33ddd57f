/**
 * A text without the characters at its end that `set` matches, such as `/\s/`. This is a scan: `/\s+$/` looks on from
 * each of them, which takes the square of their number.
 */
export function withoutEnd(text: string, set: RegExp): string {
  let end = text.length
  while (end > 0 && set.test(text[end - 1]!)) end--
  return text.slice(0, end)
}
