import { crc32, deflateRawSync } from 'node:zlib'

/** A PDF with a page for each text; an empty text makes a page without text, and `STRUCK` one with two strike-outs. */
export function makePdf(pages: readonly string[], title?: string): Buffer {
  const mark = '<< /Type /Annot /Subtype /StrikeOut /Rect [50 695 90 712] /QuadPoints [50 712 90 712 50 695 90 695] >>'
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((_, at) => `${4 + 2 * at} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, at) => {
      const drawn =
        text === ''
          ? ''
          : `BT /F1 12 Tf 14 TL 50 700 Td ${text
              .split('\n')
              .map((line) => `(${line}) Tj T*`)
              .join(' ')} ET`
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${5 + 2 * at} 0 R /Resources << /Font << /F1 3 0 R >> >>${text.includes('STRUCK') ? ` /Annots [${mark} ${mark}]` : ''} >>`,
        `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
      ]
    }),
    `<< /Title (${title ?? ''}) >>`,
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, at) => {
    const offset = text.length
    text += `${at + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const trailer = `trailer << /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>`
  const size = objects.length + 1
  return Buffer.from(
    `${text}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}\nstartxref\n${text.length}\n%%EOF\n`,
  )
}

/** A zip file with these entries. */
export function makeZip(entries: { readonly [name: string]: string | Buffer }): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt16LE(8, 8)
    head.writeUInt32LE(crc32(bytes), 14)
    head.writeUInt32LE(packed.length, 18)
    head.writeUInt32LE(bytes.length, 22)
    head.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    head.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(offset, 42)
    parts.push(head, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, list, end])
}

/** A DOCX with paragraphs; one that begins with `# ` is a heading, and one that begins with `<` is XML. */
export function makeDocx(paragraphs: readonly string[], more: DocxParts = {}): Buffer {
  const ooxml = 'http://schemas.openxmlformats.org'
  const body = paragraphs.map((text) => {
    if (text.startsWith('<')) return text
    const style = text.startsWith('# ') ? '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' : ''
    return `<w:p>${style}<w:r><w:t>${text.replace(/^# /, '')}</w:t></w:r></w:p>`
  })
  const names = `xmlns:w="${ooxml}/wordprocessingml/2006/main" xmlns:r="${ooxml}/officeDocument/2006/relationships"`
  const parts = Object.entries(more)
  const used = parts.map(([name], at) => (/^(header|footer)/.test(name) ? `<w:headerReference r:id="p${at}"/>` : ''))
  const relations = parts.map(
    ([name], at) =>
      `<Relationship Id="p${at}" Type="${ooxml}/officeDocument/2006/relationships/${name.replace(/\d*$/, '')}" Target="${name}.xml"/>`,
  )
  const rootOf = (name: string) => (name.startsWith('header') ? 'hdr' : name.startsWith('footer') ? 'ftr' : name)
  const written = parts.map(([name, xml]) => [
    `word/${name}.xml`,
    `<w:${rootOf(name)} ${names}>${xml}</w:${rootOf(name)}>`,
  ])
  return makeZip({
    '[Content_Types].xml': `<Types xmlns="${ooxml}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${ooxml}/package/2006/relationships"><Relationship Id="r1" Type="${ooxml}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/_rels/document.xml.rels': `<Relationships xmlns="${ooxml}/package/2006/relationships">${relations.join('')}</Relationships>`,
    'word/document.xml': `<w:document ${names}><w:body>${body.join('')}<w:sectPr>${used.join('')}</w:sectPr></w:body></w:document>`,
    ...Object.fromEntries(written),
  })
}

/** The content of further parts by their names, such as `header1` and `comments`. */
type DocxParts = { readonly [name: string]: string }
