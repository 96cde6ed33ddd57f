/** The address of a link to a page; undefined for scripts, mail and text that is not an address. */
export function addressOf(text: string | null, base: string): string | undefined {
  const url = text === null ? null : URL.parse(text, base)
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
}
