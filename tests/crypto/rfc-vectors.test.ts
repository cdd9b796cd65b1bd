import { describe, expect, it } from 'vitest'
import { concat, fromHex, hex, utf8 } from '../../crypto/bytes.ts'
import { agree, type AgreementKey, type AgreementSecret, generateAgreementPair } from '../../crypto/keys.ts'
import sodium from '../../crypto/sodium.ts'

/* Known answers that come along with the project. What is published in bulk is read from outside: published-vectors. */

describe('X25519', () => {
  it('agrees as RFC 7748 does in section 6.1', () => {
    const alice = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'
    const bob = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'
    const [alicesPair, bobsPair] = [alice, bob].map((secret) => generateAgreementPair(() => fromHex(secret)))
    expect(hex(alicesPair?.public as AgreementKey)).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    )
    expect(hex(bobsPair?.public as AgreementKey)).toBe(
      'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    )
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
    expect(hex(agree(fromHex(alice) as AgreementSecret, bobsPair?.public as AgreementKey))).toBe(shared)
    expect(hex(agree(fromHex(bob) as AgreementSecret, alicesPair?.public as AgreementKey))).toBe(shared)
  })
})

describe('Ed25519', () => {
  const answers = [
    {
      test: 1,
      secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      test: 2,
      secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      test: 3,
      secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ]

  it.each(answers)('signs as RFC 8032 does in section 7.1, test $test', ({ secret, key, message, signature }) => {
    const pair = sodium.crypto_sign_seed_keypair(fromHex(secret))
    expect(hex(pair.publicKey)).toBe(key)
    expect(hex(sodium.crypto_sign_detached(fromHex(message), pair.privateKey))).toBe(signature)
    expect(sodium.crypto_sign_verify_detached(fromHex(signature), fromHex(message), fromHex(key))).toBe(true)
  })
})

describe('BLAKE2b', () => {
  const blake2b = (size: number, input: Uint8Array, key: Uint8Array | null = null) =>
    sodium.crypto_generichash(size, input, key)

  it('hashes as RFC 7693 does in appendix A', () => {
    expect(hex(blake2b(64, utf8('abc')))).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
  })

  it('hashes with a key as blake2b-kat.txt of its authors does', () => {
    const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i)
    expect(hex(blake2b(64, counting(0), counting(64)))).toBe(
      '10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568',
    )
    expect(hex(blake2b(64, counting(1), counting(64)))).toBe(
      '961f6dd1e4dd30f63901690c512e78e4b45e4742ed197c3c5e45c549fd25f2e4187b0bc9fe30492b16b0d0bc4ef9b0f34c7003fac09a5ef1532e69430234cebd',
    )
  })

  it('passes the self-test of RFC 7693 appendix E: 24 sizes of result and input, with and without a key', () => {
    const sequence = (length: number, seed: number) => {
      let [a, b] = [Math.imul(0xdead4bad, seed) >>> 0, 1]
      return Uint8Array.from({ length }, () => {
        ;[a, b] = [b, (a + b) >>> 0]
        return b >>> 24
      })
    }
    const results = [20, 32, 48, 64].flatMap((size) =>
      [0, 3, 128, 129, 255, 1024].flatMap((length) => {
        const [input, key] = [sequence(length, length), sequence(size, size)]
        return [blake2b(size, input), blake2b(size, input, key)]
      }),
    )
    expect(hex(blake2b(32, concat(...results)))).toBe(
      'c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475',
    )
  })
})

describe('XChaCha20-Poly1305', () => {
  it('encrypts as draft-irtf-cfrg-xchacha does in appendix A.3.1', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i)
    const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i)
    const associatedData = fromHex('50515253c0c1c2c3c4c5c6c7')
    const plaintext = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const ciphertext =
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e'
    const tag = 'c0875924c1c7987947deafd8780acf49'
    const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associatedData, null, nonce, key)
    expect(hex(sealed)).toBe(ciphertext + tag)
    expect(sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, associatedData, nonce, key)).toEqual(
      plaintext,
    )
  })
})
