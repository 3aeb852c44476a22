#include "core/volume_questions.h"

#include <algorithm>
#include <chrono>

#include "base/secret_bytes.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

VolumeQuestions::Decision VolumeQuestions::decide(const VolumeQuestion& question,
                                                  const SecretBytes& password) const {
    const auto found = volumes_.find(question.volume);
    if (found == volumes_.end())
        return volumes_.size() < limits::volumes ? Decision::Give : Decision::Leave;
    const Volume& volume = found->second;
    if (question.is_same(volume.last)) // it reads what it was given
        return Decision::Leave;
    const bool is_last_try = question.tries != 0 && question.tried + 1 >= question.tries;
    if (is_last_try || volume.given.size() >= limits::passwords_of_volume)
        return Decision::Leave;
    const bool was_refused = std::ranges::any_of(
        volume.given, [&](const SecretBytes& given) { return given.equals(password.reveal()); });
    return was_refused ? Decision::Fetch : Decision::Give;
}

void VolumeQuestions::given(const VolumeQuestion& question, const SecretBytes& password) {
    Volume& volume = volumes_[question.volume];
    volume.given.push_back(SecretBytes::copy_of(password.reveal()));
    volume.last = question;
}

bool VolumeQuestions::is_refusal(const VolumeQuestion& question) const {
    const auto found = volumes_.find(question.volume);
    return found != volumes_.end() && !question.is_same(found->second.last);
}

void FetchPauses::fetched(Time now) {
    next_ = now + pause_;
    pause_ = std::min<std::chrono::nanoseconds>(2 * pause_, limits::longest_fetch_pause);
}

} // namespace mandos::core
