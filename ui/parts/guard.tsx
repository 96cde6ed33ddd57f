import { Component, type ComponentChildren } from 'preact'
import { failureOf } from '../lib/load.ts'
import { Failed } from './basics.tsx'

/** `class`: of a box around the view */
type Props = { readonly children: ComponentChildren; readonly class?: string }

/** A view that throws leaves what is around it standing. */
export class Guard extends Component<Props, { error?: unknown }> {
  override state: { error?: unknown } = {}
  static override getDerivedStateFromError(error: unknown) {
    return { error }
  }
  override render({ children, class: box }: Props) {
    const { error } = this.state
    const retry = () => this.setState({ error: undefined })
    const shown = error === undefined ? children : <Failed failure={failureOf(error)} retry={retry} />
    return box === undefined ? shown : <div class={box}>{shown}</div>
  }
}
