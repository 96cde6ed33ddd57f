import type { Room } from '../rooms/room.ts'
import { PLAYBOOKS } from './room/contract.ts'
import { createPlaybooks } from './room/open-port.ts'
import type { PlaybooksPort } from './room/port.ts'

/** Learned playbooks. Their actors come with those of goals, which need the services of steps. */
export const playbookRoom: Room<PlaybooksPort> = {
  contract: PLAYBOOKS,
  owns: [{ kind: 'playbooks', place: 'playbooks' }],
  open: ({ engine }) => createPlaybooks(engine),
}
