import { type Reader, unread } from 'antiphon/extend'

/** Reads a DOCX as a page of HTML. Its pictures are a gap. */
export const docxReader: Reader = {
  types: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  async read(file) {
    const { default: mammoth } = await import('mammoth')
    let pictures = 0
    const convertImage = mammoth.images.imgElement(async () => {
      pictures++
      return { src: '' }
    })
    const input = { file: openedFile(await file.unpack()) } as unknown as Parameters<typeof mammoth.convertToHtml>[0]
    const { value: html } = await mammoth.convertToHtml(input, { convertImage }).catch(() => {
      throw unread('it is a broken DOCX', 'bad_value')
    })
    return { form: 'html', html, gaps: pictures > 0 ? [`${pictures} pictures are not read`] : [] }
  },
}

/** The parts as the parser reads them from a file that it opened itself. */
const openedFile = (parts: ReadonlyMap<string, Uint8Array>) => ({
  exists: (name: string) => parts.has(name),
  async read(name: string, encoding?: string) {
    const part = Buffer.from(parts.get(name)!)
    return encoding === undefined ? part : part.toString(encoding === 'base64' ? 'base64' : 'utf8')
  },
})
