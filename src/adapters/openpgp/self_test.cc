#include "adapters/openpgp/openpgp.h"
namespace mandos::openpgp {
Result<void> self_test() {
    return {};
}
} // namespace mandos::openpgp
