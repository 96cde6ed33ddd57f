import { startServer } from '../../web/server.ts'

const PAGES = [
  { title: 'Ferry', url: 'https://ferry.example/', content: 'The ferry leaves at 9:40.' },
  { title: 'Pier', url: 'https://pier.example/', content: 'the pier is old, and the ferry leaves from it' },
]

/** The address of a search service: it finds the second page only if asked for the pier. */
export async function startSearch(): Promise<string> {
  const { url } = await startServer(({ url: asked }, response) =>
    response.end(JSON.stringify({ results: asked!.includes('pier') ? PAGES : PAGES.slice(0, 1) })),
  )
  return url
}
