/**
 * The pages of a PDF, as far as its bytes show them: objects may be compressed, so there may be more. Undefined: they
 * show none.
 */
export function pagesOfPdf(content: Uint8Array): number | undefined {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1')
  const pages = text.match(/\/Type\s{0,4}\/Page\b/g)?.length ?? 0
  const counts = [...text.matchAll(/\/Type\s{0,4}\/Pages\b[^>]{0,2000}?\/Count (\d{1,6})/g)].map(([, count]) =>
    Number(count),
  )
  const most = Math.max(pages, ...counts)
  return most > 0 ? most : undefined
}
