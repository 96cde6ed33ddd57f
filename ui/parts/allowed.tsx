import type { ComponentChildren } from 'preact'
import { type Loaded, useLoaded } from '../lib/load.ts'
import { isForbidden } from '../lib/server.ts'
import { Empty, Shown } from './basics.tsx'

/** What a read gives, or that the caller may not ask it. */
type Allowed<Value> = { readonly value: Value } | 'forbidden'

/** Reads a value that some callers may not see. */
export function useAllowed<Value>(
  key: string,
  read: () => Promise<Value>,
  topics: readonly string[] = [],
): Loaded<Allowed<Value>> {
  return useLoaded<Allowed<Value>>(
    key,
    async () => {
      try {
        return { value: await read() }
      } catch (error) {
        if (isForbidden(error)) return 'forbidden'
        throw error
      }
    },
    topics,
  )
}

/** A value that some callers may not see. */
export function ShownIfAllowed<Value>({
  of,
  children,
}: {
  readonly of: Loaded<Allowed<Value>>
  children(value: Value): ComponentChildren
}) {
  return (
    <Shown of={of} lines={4}>
      {(found) => (found === 'forbidden' ? <Empty title="Only an admin sees this." /> : children(found.value))}
    </Shown>
  )
}

type ListProps<Of, Item> = {
  readonly of: Of
  readonly kind?: 'rows' | 'cards' | 'branches'
  /** stands in the place of an empty list */
  readonly empty: ComponentChildren
  children(item: Item, index: number): ComponentChildren
}

/** A list, each item as an `li`. */
export const List = <Item,>({ of, kind = 'rows', empty, children: shown }: ListProps<readonly Item[], Item>) =>
  of.length === 0 ? empty : <ul class={kind}>{of.map((item, index) => shown(item, index))}</ul>

/** A list that some callers may not see. */
export const ListIfAllowed = <Item,>({ of, ...list }: ListProps<Loaded<Allowed<readonly Item[]>>, Item>) => (
  <ShownIfAllowed of={of}>{(items) => <List of={items} {...list} />}</ShownIfAllowed>
)
