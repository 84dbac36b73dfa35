import { passwords } from '@robaccia/auth'
import { hash as argon2 } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'

/** As cheap as it gets: what is tested here is not how long it takes. */
const cheap = { memoryCost: 8, timeCost: 1 }

describe('passwords', () => {
  test('keep a password as Argon2id, with the costs that OWASP recommends', async () => {
    const { hash, verify } = passwords()
    const one = await hash('correct horse')
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(await hash('correct horse')).not.toBe(one)
    expect(await verify('correct horse', one)).toBe(true)
    expect(await verify('Correct horse', one)).toBe(false)
    expect(await verify('', one)).toBe(false)
  })

  test('let in nobody without a hash', async () => {
    const { verify } = passwords(cheap)
    for (const none of [undefined, null]) expect(await verify('swordfish', none)).toBe(false)
  })

  test('take as long for a name that nobody has', async () => {
    const { hash, verify } = passwords({ memoryCost: 32_768, timeCost: 2 })
    const known = await hash('swordfish')
    const time = async (each: string | undefined) => {
      const began = performance.now()
      await verify('wrong', each)
      return performance.now() - began
    }
    // The least of some is what it takes; the rest is what else the machine does.
    const least = async (each: string | undefined) => {
      const times: number[] = []
      for (let round = 0; round < 8; round++) times.push(await time(each))
      return Math.min(...times)
    }
    const [unknown, wrong] = [await least(undefined), await least(known)]
    expect(unknown).toBeGreaterThan(wrong * 0.6)
    expect(unknown).toBeLessThan(wrong * 1.7)
  })

  test('take a letter for the same, however it was typed', async () => {
    const { hash, verify } = passwords(cheap)
    expect(await verify('Ångström'.normalize('NFD'), await hash('Ångström'.normalize('NFC')))).toBe(
      true,
    )
  })

  test('are hashed anew when the costs have changed, and only when they were right', async () => {
    const before = await passwords(cheap).hash('swordfish')
    const { verify, hash } = passwords({ memoryCost: 16, timeCost: 2 })
    const kept: string[] = []
    const keep = (each: string) => void kept.push(each)
    expect(await verify('wrong', before, keep)).toBe(false)
    expect(kept).toEqual([])
    expect(await verify('swordfish', before, keep)).toBe(true)
    const [after = ''] = kept
    expect(after).toMatch(/^\$argon2id\$v=19\$m=16,t=2,p=1\$/)
    expect(await verify('swordfish', after, keep)).toBe(true)
    expect(await verify('swordfish', await hash('swordfish'), keep)).toBe(true)
    expect(kept).toHaveLength(1)
  })

  test('of another kind of Argon2 are taken, and hashed anew', async () => {
    const { verify } = passwords(cheap)
    // Argon2i: the library's enum is for types alone.
    const other = await argon2('swordfish', { ...cheap, algorithm: 1 as never })
    const kept: string[] = []
    expect(await verify('swordfish', other, (each) => kept.push(each))).toBe(true)
    expect(kept[0]).toMatch(/^\$argon2id\$/)
  })

  test('say that a hash is none, without showing it', async () => {
    const { verify } = passwords(cheap)
    for (const wrong of ['', 'swordfish', '$2b$10$N9qo8uLOickgx2ZMRZoMye', '$argon2id$v=19$']) {
      const error = await verify('swordfish', wrong).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toBe(
        'TypeError: passwords: a hash must be one that hash() has made, got another',
      )
    }
  })

  test('refuse a new one that is too short, counted in characters', async () => {
    const { hash } = passwords(cheap)
    await expect(hash('sword')).rejects.toThrow('at least 8 characters, got 5')
    await expect(hash('🐟🐟🐟🐟')).rejects.toThrow('at least 8 characters, got 4')
    await expect(passwords({ ...cheap, minLength: 5 }).hash('sword')).resolves.toMatch(
      /^\$argon2id/,
    )
  })

  test('are checked a few at a time, and a few wait; more are turned away', async () => {
    const { hash, verify } = passwords({ ...cheap, concurrent: 2, queue: 3 })
    const kept = await hash('swordfish')
    const all = await Promise.allSettled(Array.from({ length: 9 }, () => verify('swordfish', kept)))
    const turnedAway = all.filter(({ status }) => status === 'rejected')
    expect(turnedAway).toHaveLength(4)
    expect(turnedAway[0]).toMatchObject({
      reason: { status: 503, expose: true, headers: { 'retry-after': '2' } },
    })
    // What failed has left its place to others.
    await expect(verify('swordfish', 'x')).rejects.toThrow(TypeError)
    expect(await Promise.all([1, 2, 3, 4].map(() => verify('swordfish', kept)))).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  test.each([
    [{ memoryCost: 0 }, 'passwords: memoryCost must be a positive integer, got 0'],
    [{ memoryCost: 8, parallelism: 2 }, 'passwords: memoryCost must be from 16 to 4294967295 KiB'],
    [{ timeCost: 2.5 }, 'passwords: timeCost must be a positive integer, got 2.5'],
    [{ timeCost: 2 ** 32 }, 'passwords: timeCost must be at most 4294967295'],
    [{ parallelism: 256 }, 'passwords: parallelism must be at most 255, got 256'],
    [{ concurrent: 0 }, 'passwords: concurrent must be a positive integer, got 0'],
    [{ queue: -1 }, 'passwords: queue must be a positive integer, got -1'],
    [{ minLength: Number.NaN }, 'passwords: minLength must be a positive integer, got NaN'],
  ])('refuse %o', (options, message) => {
    expect(() => passwords(options)).toThrow(message)
  })
})
