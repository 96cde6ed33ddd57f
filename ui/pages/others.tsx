import type { ComponentChildren } from 'preact'
import { Agents } from '../agents/agents.tsx'
import { GoalPage } from '../agents/goal.tsx'
import { ThreadPage } from '../chat/thread.tsx'
import { Threads } from '../chat/threads.tsx'
import { isMounted } from '../lib/server.ts'
import { Machine } from '../machine/machine.tsx'
import { MemoryPage } from '../memory/memory.tsx'
import { RecordPage } from '../memory/record.tsx'
import { Start } from '../start/start.tsx'
import { Money } from './money.tsx'

export { Beside } from '../chat/beside.tsx'
export { TalkPages } from '../chat/talk.tsx'
export { Decisions } from '../machine/access.tsx'

/** The page at an address, but for the runs and the inbox; undefined: there is none. */
export function otherPage(first: string, second: string | undefined): ComponentChildren {
  if (first === 'threads') return second === undefined ? <Threads /> : <ThreadPage id={second} />
  if (first === 'agents') return <Agents />
  if (first === 'goals' && second !== undefined) return <GoalPage id={second} />
  if (first === 'start') return <Start />
  if (first === 'money') return <Money />
  if (first === 'memory' && !isMounted()) return second === undefined ? <MemoryPage /> : <RecordPage id={second} />
  if (first === 'machine' && !isMounted()) return <Machine />
  return undefined
}
