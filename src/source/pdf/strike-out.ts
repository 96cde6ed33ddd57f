type Pages = {
  getPage(number: number): Promise<{ getAnnotations(): Promise<readonly { readonly subtype?: string }[]> }>
}

/** The most pages that a gap names. */
const MAX_NAMED = 5

/**
 * A gap for text that somebody has struck out with a PDF viewer. The annotation names an area of the page, and lines of
 * text may reach over it, so the text is read.
 */
export async function strikeOutGaps(pdf: Pages, count: number): Promise<readonly string[]> {
  const pages: number[] = []
  let marks = 0
  for (let number = 1; number <= count; number++) {
    const page = await pdf.getPage(number)
    const found = (await page.getAnnotations()).filter(({ subtype }) => subtype === 'StrikeOut').length
    if (found > 0) pages.push(number)
    marks += found
  }
  if (marks === 0) return []
  const named = `${pages.slice(0, MAX_NAMED).join(', ')}${pages.length > MAX_NAMED ? ', …' : ''}`
  const where = pages.length === 1 ? `page ${named}` : `pages ${named}`
  return [
    `it has ${marks} strike-out mark${marks === 1 ? '' : 's'} on ${where}, and the text under them is read as valid`,
  ]
}
