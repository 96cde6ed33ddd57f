import { defineTool } from 'antiphon'
import { z } from 'zod'

export const copy = defineTool({
  name: 'copy',
  description: 'Copies a picture.',
  effect: 'idempotent',
  input: z.object({ picture: z.object({ file: z.string() }) }),
  async execute({ picture }, { files }) {
    const { name, type } = await files!.find(picture.file)
    const bytes = await files!.read(picture.file, 10_000_000)
    return new File([new Uint8Array(bytes)], `copy of ${name}`, { type })
  },
})
