import { allows } from '../../house/scope.ts'
import type { Caller } from '../authorize/caller.ts'
import type { Source } from './batch.ts'
import { type Channel, channelPace, openChannel } from './channel.ts'
import { streamResponse } from './response.ts'

/** A request to follow events after a number. Callers with the same view share one source by name. */
type FollowRequest = Source & {
  readonly topic: string
  readonly after: number
  /** Whether the work has ended, and a reader with the events up to that number has them all. */
  ended?(after: number): Promise<boolean>
}

/**
 * Answers with an event stream until its end. Concurrent followers share one reader. A client that
 * has all events gets a 204, because browsers otherwise reconnect forever.
 */
export type Follow = (caller: Caller, followed: FollowRequest) => Promise<Response>

export function createFollow(): Follow {
  const channels = new Map<string, Channel>()
  const pace = channelPace()

  function channelOf(key: string, { after, ...source }: FollowRequest): Channel {
    const known = channels.get(key)
    if (known?.serves(after)) return known
    const forget = () => {
      if (channels.get(key) === channel) channels.delete(key)
    }
    const channel: Channel = openChannel(source, after, forget, pace)
    channels.set(key, channel)
    return channel
  }

  return async (caller, followed) => {
    const { after } = followed
    if (after > 0 && (await followed.ended?.(after))) return NOTHING_MORE()
    const key = `${sightOf(caller)} ${followed.topic}`
    return streamResponse((outlet) => channelOf(key, followed).join(outlet, followed, after))
  }
}

const NOTHING_MORE = () => new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })

/** Callers share a source only if they may see the same data. */
function sightOf({ owner, scopes, local, staff }: Caller): string {
  return JSON.stringify([owner, allows(scopes, 'admin'), local, staff])
}
