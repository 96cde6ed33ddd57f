import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { follow } from '../lib/follow.ts'
import { changeOf } from '../lib/live.ts'
import { client } from '../lib/server.ts'
import { type Live, liveAfter, liveAfterPause, NOTHING_LIVE } from './live.ts'

/** Follows a conversation. Each durable event counts as a change of the topic `thread/NAME`. */
export function useLive(conversation: string, isFollowed: boolean): Signal<Live> {
  const live = useMemo(() => signal(NOTHING_LIVE), [conversation])
  useEffect(() => {
    if (!isFollowed) return
    const end = new AbortController()
    void followConversation(conversation, live, end.signal)
    return () => end.abort()
  }, [conversation, isFollowed, live])
  return live
}

function followConversation(conversation: string, state: Signal<Live>, end: AbortSignal): Promise<void> {
  let after: string | undefined
  return follow(
    {
      open: (signal) => client.conversations.events(conversation, { signal, ...(after !== undefined && { after }) }),
      take({ cursor, live, body }) {
        state.value = liveAfter(state.value, body)
        if (live) return
        after = cursor
        changeOf(`thread/${conversation}`).value++
      },
      onGap() {
        state.value = liveAfterPause(state.value)
      },
    },
    end,
  )
}
