import type { ComponentChildren } from 'preact'

type ChipProps = {
  readonly isOn: boolean
  readonly title?: string | undefined
  readonly children: ComponentChildren
  choose(): void
}

/** A small button that is on or off, such as a filter. */
export const Chip = ({ isOn, title, children, choose }: ChipProps) => (
  <button type="button" class="chip" title={title} aria-pressed={isOn} onClick={choose}>
    {children}
  </button>
)

type ChipsProps<Name> = {
  readonly of: readonly Name[]
  readonly chosen: Name
  /** absent: the name itself */
  label?(name: Name): string
  choose(name: Name): void
}

/** A chip for each name, of which one is on. */
export const Chips = <Name extends string>({ of, chosen, label = (name) => name, choose }: ChipsProps<Name>) => (
  <>
    {of.map((one) => (
      <Chip key={one} isOn={one === chosen} choose={() => choose(one)}>
        {label(one)}
      </Chip>
    ))}
  </>
)
