import type { ComponentChildren } from 'preact'
import { useLoaded } from '../lib/load.ts'
import { Shown } from '../parts/basics.tsx'

type Others = typeof import('./others.tsx')

let others: Others | undefined
let hasFailed = false

/** Loads the pages that are not in the first script. */
export async function loadOthers(): Promise<Others> {
  others ??= await import('./others.tsx').catch((cause) => {
    // a browser remembers that a script did not come, and asks for it again only in a new page
    if (hasFailed) location.reload()
    hasFailed = true
    throw new Error('This page did not load. If the server answers, load the page again.', { cause })
  })
  return others
}

type Props = { readonly children: (others: Others) => ComponentChildren }

/** One of the pages that are not in the first script. */
export function OtherPage({ children: show }: Props) {
  const loaded = useLoaded('other pages', loadOthers)
  return others ? show(others) : <Shown of={loaded}>{show}</Shown>
}
