// Who makes the request: what `basic`, `bearer` and `sessions` find out, and `allow` asks for.
declare module '@robaccia/core' {
  interface Environ {
    /**
     * The user who makes the request, undefined for a stranger. Inside `sessions` it is what the session says now, and
     * asking is reading the session (a spread of the environ asks, `copyOf` does not). It is fixed once the response's
     * head is made: ask before.
     */
    'auth.user'?: User
    /** What a 401 says in `www-authenticate`, one for each middleware that would take credentials. */
    'auth.challenges'?: readonly string[]
    /** The whole path of the page where people log in. */
    'auth.login'?: string
    /** Where `sessions` stands: its `SCRIPT_NAME`, which comes before the paths that its site names. */
    'auth.root'?: string
  }
}

/** A user; an app adds its own keys by interface merging. Those of a session's user have a form in JSON. */
export interface User {
  /** What logs show. */
  readonly name: string
}

/** Finds the user by name and password, else gives undefined: also for a name that nobody has. */
export type VerifyPassword = (
  name: string,
  password: string,
) => User | undefined | Promise<User | undefined>
