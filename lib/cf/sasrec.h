/* SASRec (Kang and McAuley 2018) in the order of operations of the published
 * A-LLMRec code, weights under its state_dict's names.
 *
 * In the published code a window is padded on the left to maxlen.  Padded rows are
 * zeros and are keys like any other (k = b_k, v = b_v), so here row 0 in front of
 * each window stands for all of them, and the result is the padded one's.
 *
 * Initial weights: xavier-normal matrices (in_proj as one), norms 1 and 0, attention
 * biases 0, convolution biases U(+-1/sqrt(d)). */
#ifndef CF_SASREC_H
#define CF_SASREC_H

#include "cf/backbone.h"

extern const struct backbone_kind sasrec_kind;

#endif
