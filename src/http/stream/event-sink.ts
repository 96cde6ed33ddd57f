/** The target of an event stream: one client. */
export interface Outlet {
  /** Accepts the text. Returns false when it is full and accepts no more until it calls `ready`. */
  write(text: string): boolean
  /** Ends the stream. */
  end(): void
}

export interface Filler {
  /** The sink accepts text again. */
  ready(): void
  /** The client has disconnected; may be called twice. */
  leave(): void
}

export type Feed = (outlet: Outlet) => Filler
