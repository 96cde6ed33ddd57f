import type { Activity } from '../activity/activity.ts'

/** Follows work until it is over or rests, and returns which. */
export type UntilRest = (id: string) => Promise<'over' | 'resting'>

export interface Followers {
  follow(id: string): void
  isFollowed(id: string): boolean
}

/**
 * Follows each piece of work once at a time, as part of what is under way. Called again, it looks once more before it leaves: what woke
 * the work may have come after it saw it rest.
 */
export function createFollowers(track: Activity['track'], untilRest: UntilRest): Followers {
  const followers = new Map<string, { calledAgain: boolean }>()

  async function untilOver(id: string, follower: { calledAgain: boolean }): Promise<void> {
    try {
      do follower.calledAgain = false
      while ((await untilRest(id)) === 'resting' && follower.calledAgain)
    } finally {
      // in the same tick as the last look: whoever comes now begins anew
      followers.delete(id)
    }
  }

  return {
    isFollowed: (id) => followers.has(id),
    follow(id) {
      const present = followers.get(id)
      if (present) {
        present.calledAgain = true
        return
      }
      const follower = { calledAgain: false }
      followers.set(id, follower)
      track(id, untilOver(id, follower))
    },
  }
}
