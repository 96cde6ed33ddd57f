const TAG = /<([a-z][^\s<>/]*)((?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*?)?)\/>/gi
/** An unquoted value may end with a slash: `<a href=https://example.org/>` is open. */
const UNQUOTED = /=\s*[^\s"'=]*$/
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|basefont|frame|keygen)$/i
/** In HTML, the content of these follows a tag that ends with a slash. */
const OPEN_IN_HTML =
  /^(?:html|head|body|p|li|dt|dd|t[dhr]|thead|tbody|tfoot|table|[uod]l|option|optgroup|script|style|textarea|title|iframe|select)$/i
const XHTML = /^\s*<\?xml\b|<!doctype[^>]{0,200}\bxhtml\b|<html\b[^>]{0,500}\bxmlns\s*=/i

/**
 * The page with an end after each element that closes itself, such as `<a id="x"/>`: a parser of HTML would take all
 * text that follows as its content.
 */
export function closeTags(html: string): string {
  const isXhtml = XHTML.test(html.slice(0, 4_000))
  return html.replace(TAG, (tag, name: string, attributes: string) => {
    const isOpen = VOID.test(name) || (!isXhtml && (OPEN_IN_HTML.test(name) || UNQUOTED.test(attributes)))
    return isOpen ? tag : `<${name}${attributes}></${name}>`
  })
}
