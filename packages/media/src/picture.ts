import type { Reader } from 'antiphon/extend'

/** Bytes that hold the headers of a picture. */
const HEAD = 1024 * 1024
const TAGS = ['Make', 'Model', 'DateTimeOriginal', 'CreateDate']

export const pictureReader: Reader = {
  types: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/tiff'],
  async read(file) {
    const { default: exifr } = await import('exifr')
    const head = Buffer.from(await file.read(0, HEAD))
    // pictures without such data, and damaged data, are alike
    const tags = await exifr
      .parse(head, { pick: TAGS, reviveValues: false, translateValues: false })
      .catch(() => undefined)
    return { form: 'picture', ...pictureTags((tags ?? {}) as { readonly [name: string]: unknown }) }
  },
}

function pictureTags(tags: { readonly [name: string]: unknown }) {
  const text = (name: string) => (typeof tags[name] === 'string' ? tags[name].trim() : undefined)
  const [make, model] = [text('Make'), text('Model')]
  const camera = model?.startsWith(make ?? ' ') ? model : [make, model].filter(Boolean).join(' ')
  const taken = (text('DateTimeOriginal') ?? text('CreateDate'))?.replace(/^(\d{4}):(\d\d):(\d\d) /, '$1-$2-$3T')
  return { ...(camera && { camera }), ...(taken && { takenAt: taken }) }
}
