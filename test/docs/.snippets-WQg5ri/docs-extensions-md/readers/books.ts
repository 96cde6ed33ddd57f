// readers/books.ts
import { defineExtension, unread } from 'antiphon/extend'

export default defineExtension({
  name: 'books',
  version: '0.1.0',
  readers: [
    {
      types: ['application/epub+zip'],
      async read(file) {
        const parts = await file.unpack()
        const chapters = [...parts].filter(([name]) => name.endsWith('.xhtml'))
        if (chapters.length === 0) throw unread('it has no chapter')
        const html = chapters.map(([, bytes]) => Buffer.from(bytes).toString()).join('\n')
        return { form: 'html', html, gaps: ['its pictures are not read'] }
      },
    },
  ],
})
