/** Pseudo-random, the same each time; in pieces and made here, so that no scanner takes them for real ones. */
export function letters(
  count: number,
  seed = 1,
  alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
) {
  let state = seed
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return alphabet[Math.floor((state / 2 ** 31) * alphabet.length)]
  }).join("")
}

const hex = (count: number) => letters(count, 7, "0123456789abcdef")
const upper = (count: number) => letters(count, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
const base64url = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** One secret of each form, by its kind. */
export const known: readonly (readonly [kind: string, secret: string])[] = [
  ["aegis-key", `agk_${letters(12)}_${letters(38)}`],
  ["aegis-key", `aga_${letters(160)}.${letters(43)}`],
  ["aegis-key", `ag_${letters(30)}-_`],
  ["aegis-key", `sse_${letters(80)}.${letters(43)}`],
  ["age-key", `AGE-SECRET-KEY-1${upper(58)}`],
  ["anthropic-key", `sk-ant-api03-${letters(93)}-${letters(2)}AA`],
  ["atlassian-token", `ATATT3x${letters(180)}=${letters(8)}`],
  ["aws-access-key", `AKIA${upper(16)}`],
  ["databricks-token", `dapi${hex(32)}`],
  ["digitalocean-token", `dop_v1_${hex(64)}`],
  ["docker-token", `dckr_pat_${letters(27)}`],
  ["figma-token", `figd_${letters(40)}`],
  ["github-token", `ghp_${letters(36)}`],
  ["github-token", `github_pat_${letters(22)}_${letters(59)}`],
  ["gitlab-token", `glpat-${letters(20)}`],
  ["google-key", `AIza${letters(35)}`],
  ["google-key", `ya29.${letters(120)}`],
  ["google-key", `GOCSPX-${letters(28)}`],
  ["grafana-token", `glsa_${letters(32)}_${hex(8)}`],
  ["huggingface-token", `hf_${letters(34)}`],
  ["jwt", `${base64url('{"alg":"HS256"}')}.${base64url('{"sub":"1234567890","iat":1}')}.${letters(43)}`],
  ["linear-key", `lin_api_${letters(40)}`],
  ["notion-key", `ntn_${letters(46)}`],
  ["npm-token", `npm_${letters(36)}`],
  ["openai-key", `sk-proj-${letters(74)}`],
  ["openai-key", `sk-${letters(48)}`],
  ["postman-key", `PMAK-${hex(24)}-${hex(34)}`],
  ["pypi-token", `pypi-AgE${letters(150)}`],
  ["sendgrid-key", `SG.${letters(22)}.${letters(43)}`],
  ["sentry-token", `sntrys_${letters(60)}`],
  ["shopify-token", `shpat_${hex(32)}`],
  ["slack-token", `xoxb-123456789012-${letters(24)}`],
  ["slack-token", `xapp-1-A0123-${hex(64)}`],
  ["stripe-key", `sk_live_${letters(24)}`],
  ["supabase-key", `sbp_${hex(40)}`],
  ["telegram-token", `123456789:AA${letters(33)}`],
  ["twilio-key", `SK${hex(32)}`],
  ["vault-token", `hvs.${letters(90)}`],
  ["webhook-secret", `whsec_${letters(40)}=`],
  ["private-key", `-----BEGIN PRIVATE KEY-----\n${letters(64)}\n${letters(64)}\n-----END PRIVATE KEY-----`],
  ["random", letters(32, 3)],
]
