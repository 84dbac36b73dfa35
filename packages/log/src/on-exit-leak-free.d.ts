// The library has no types of its own.
declare module 'on-exit-leak-free' {
  /** Calls `fn` with `object` when the process ends, unless the object was collected before. */
  export function register<T extends object>(
    object: T,
    fn: (object: T, event: string) => void,
  ): void
}
